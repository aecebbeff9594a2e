import { adamw, tf } from '@unlabel/core';
import { type GoldenCase, type GoldenFile, type GoldenMapping, goldenTrajectory } from '@unlabel/testkit';
import { type LejepaOptions, lejepaLoss, lejepaTerms } from './lejepa';

/** Golden files that pin LeJEPA: the authors' minimal example, lightly, and stable-pretraining with its own weighting. */
export const lejepaGolden: readonly GoldenMapping[] = [
  {
    name: 'lejepaLoss, centred on all views',
    matches: (file) => isLejepa(file) && 'proj' in file.inputs,
    run: (golden) => {
      const z = views(golden.tensor('proj'));
      const ofAll: LejepaOptions = { ...options(golden), weighting: 'minimal-example' };
      const terms = lejepaTerms(z, golden.matrix('A'), ofAll);
      return { loss: lejepaLoss(z, golden.matrix('A'), ofAll), inv: terms.prediction, sigreg: terms.sigreg };
    },
  },
  {
    name: 'lejepaLoss, global and local views',
    matches: (file) => isLejepa(file) && 'global_proj' in file.inputs,
    run: (golden) => {
      const global = views(golden.tensor('global_proj'));
      const z = golden.has('local_proj') ? tf.concat3d([global, views(golden.tensor('local_proj'))], 0) : global;
      const withCentre = { ...options(golden), globalViews: global.shape[0] };
      const { prediction } = lejepaTerms(z, golden.matrix('A'), withCentre);
      return { loss: lejepaLoss(z, golden.matrix('A'), withCentre), inv: prediction };
    },
  },
  {
    name: 'lejepaLoss, weighted as in stable-pretraining',
    matches: (file) => isLejepa(file) && 'all_projected' in file.inputs,
    run: (golden) => {
      const z = views(golden.tensor('all_projected'));
      const globalViews = golden.number('n_global', z.shape[0]);
      const pooled: LejepaOptions = { ...options(golden), weighting: 'stable-pretraining', globalViews };
      const terms = lejepaTerms(z, golden.matrix('A'), pooled);
      return { loss: lejepaLoss(z, golden.matrix('A'), pooled), inv: terms.prediction, sigreg: terms.sigreg };
    },
  },
  {
    name: 'lejepaLoss, trained with adamw',
    matches: (file) => isLejepa(file) && 'view0' in file.inputs && 'W1' in file.inputs,
    run: (golden) => {
      const [, dim = 1, count = 1] = golden.tensor('A').shape;
      const slicesAt = (step: number): tf.Tensor2D =>
        tf.reshape(tf.slice(golden.tensor('A'), [step, 0, 0], [1, dim, count]), [dim, count]);
      return goldenTrajectory(golden, {
        optimizer: adamw({ weightDecay: golden.numberAfter('optimizer', 'wd'), groups: [] }),
        learningRate: () => golden.number('lr'),
        jointViews: true,
        loss: (z0, z1, step) => lejepaLoss(views(tf.stack([z0, z1])), slicesAt(step), options(golden)),
      });
    },
  },
];

function isLejepa({ source, inputs }: GoldenFile): boolean {
  return /lejepa|sigreg/i.test(source.function ?? '') && 'A' in inputs;
}

function options(golden: GoldenCase) {
  return {
    sigregWeight: golden.number('lamb', golden.number('lambda_param', 0.02)),
    knots: golden.number('knots', golden.number('sigreg_knots', 17)),
    reach: golden.number('t_max', golden.number('sigreg_t_max', 3)),
  };
}

function views(tensor: tf.Tensor): tf.Tensor3D {
  const [count = 1, batch = 1] = tensor.shape;
  return tf.reshape(tensor, [count, batch, -1]);
}
