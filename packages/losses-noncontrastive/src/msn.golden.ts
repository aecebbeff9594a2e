import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { msnLoss, msnTargets, msnTerms } from './msn';
import { pmsnLoss } from './pmsn';

/** Golden files that pin MSN and PMSN: the authors' and lightly's, whose prototypes were normalised for it. */
export const msnGolden: readonly GoldenMapping[] = [
  {
    name: 'msnLoss',
    matches: ({ source, inputs }) =>
      /^(init_msn_loss\.loss|MSNLoss)$/.test(source.function ?? '') && 'prototypes' in inputs,
    run: (golden) => {
      const { anchors, targets, prototypes } = inputsOf(golden);
      const options = {
        ...assignmentOf(golden),
        meMaxWeight: golden.number('me_max_weight', golden.number('regularization_weight', 1)),
      };
      const { crossEntropy, meMax } = msnTerms(anchors, targets, prototypes, options);
      const views = anchors.shape[0] / targets.shape[0];
      return {
        loss: msnLoss(anchors, targets, prototypes, options),
        ce: crossEntropy,
        me_max: meMax,
        targets: tf.tile(msnTargets(targets, prototypes, options), [views, 1]),
      };
    },
  },
  {
    name: 'pmsnLoss',
    matches: ({ source, inputs }) => /^PMSNLoss$/.test(source.function ?? '') && 'prototypes' in inputs,
    run: (golden) => {
      const { anchors, targets, prototypes } = inputsOf(golden);
      const powerLawExponent = golden.number('power_law_exponent', 0.25);
      const priorWeight = golden.number('regularization_weight', 1);
      return {
        loss: pmsnLoss(anchors, targets, prototypes, { ...assignmentOf(golden), powerLawExponent, priorWeight }),
      };
    },
  },
];

function inputsOf(golden: GoldenCase) {
  return {
    anchors: golden.matrix('anchors'),
    targets: golden.matrix('targets'),
    prototypes: golden.matrix('prototypes'),
  };
}

function assignmentOf(golden: GoldenCase) {
  return {
    temperature: golden.number('temperature', 0.1),
    sharpening: golden.number('sharpen_T', golden.number('target_sharpen_temperature', 0.25)),
    sinkhornIterations: golden.file.params.use_sinkhorn === false ? 0 : golden.number('sinkhorn_iterations', 3),
  };
}
