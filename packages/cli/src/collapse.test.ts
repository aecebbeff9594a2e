import { smallImageViews } from '@unlabel/augment';
import { onnx } from '@unlabel/backend-onnx';
import {
  adamw,
  type BackendSession,
  constantSchedule,
  mlpHead,
  type Objective,
  pretrain,
  projectViews,
  type TrainingEvent,
  tf,
  variablesOf,
} from '@unlabel/core';
import { fashionMnist, loader, subset } from '@unlabel/data';
import { collapseMonitor, type HeldOutInputs } from '@unlabel/eval';
import { lejepa } from '@unlabel/jepa';
import { byol, dino, negativeCosine, simsiamLoss, vicreg } from '@unlabel/losses-noncontrastive';
import { mlp } from '@unlabel/models';
import { afterAll, beforeAll, expect, test } from 'vitest';

const dataset = await fashionMnist();
const views = smallImageViews({ size: 16, scale: [0.2, 1] });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

let session: BackendSession;
let heldOut: HeldOutInputs;

beforeAll(async () => {
  session = await onnx({ threads: 2 }).open();
  heldOut = await imagesNotTrainedOn();
});
afterAll(() => session.dispose());

async function imagesNotTrainedOn(): Promise<HeldOutInputs> {
  const count = 256;
  const batches = loader({ dataset: subset(dataset, range(8000, 8256)), views, batchSize: count, seed: 0, workers: 0 });
  try {
    for await (const { inputs } of batches.epoch(0)) {
      const images = inputs['views/0'];
      if (images?.dtype === 'float32') return { inputs: images.data.slice(), count };
    }
  } finally {
    await batches.dispose();
  }
  throw new Error('The loader gave no images.');
}

/** One epoch on 8,000 images: what the monitor said and when, the spread of the last batch's projections, and what it measured at the end. */
async function firstEpoch(objective: Objective, learningRate: number) {
  const batches = loader({ dataset: subset(dataset, range(0, 8000)), views, batchSize: 64, seed: 0 });
  const events: TrainingEvent[] = [];
  try {
    const encoder = mlp({ inputShape: [16, 16, 1], hidden: [256, 256] });
    const run = { batches, encoder, objective, optimizer: adamw(), session, epochs: 1 };
    const callbacks = [collapseMonitor({ heldOut })];
    const schedule = () => constantSchedule(learningRate);
    for await (const event of pretrain({ ...run, learningRate: schedule, callbacks })) events.push(event);
  } finally {
    await batches.dispose();
  }
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  const spread = events.flatMap((event) => (event.type === 'step' ? [event.projectionStd] : [])).at(-1);
  const figures = events.flatMap((event) => (event.type === 'report' ? [event.figures] : [])).at(-1) ?? {};
  return { warnings, spread, figures };
}

/** Rows of view 0 and of view 1. */
function halves(rows: tf.Tensor2D): readonly [tf.Tensor2D, tf.Tensor2D] {
  const batch = rows.shape[0] / 2;
  return [tf.slice2d(rows, [0, 0], [batch, -1]), tf.slice2d(rows, [batch, 0], [batch, -1])];
}

/** Two views through one network with a predictor: SimSiam, if the loss stops the gradient of what is predicted. */
function predictive(loss: typeof simsiamLoss): Objective {
  return {
    name: 'predictive',
    views: { min: 2, max: 2 },
    minBatch: 2,
    bind: (encoder) => {
      // Without SimSiam's last batch norm (its table 3, “hidden-only”), which gives each dimension the same spread.
      const projector = mlpHead({ dims: [encoder.outputDim, 256, 256] });
      const predictor = mlpHead({ dims: [256, 64, 256] });
      return {
        variables: variablesOf({ encoder, projector, predictor }),
        loss: ({ views }, context) => {
          const z = projectViews(views, { encoder, projector }, context);
          const [p0, p1] = halves(predictor.apply(z, context.scope('predictor')));
          const [z0, z1] = halves(z);
          const value = loss(p0, p1, z0, z1);
          return { loss: value, terms: { negativeCosine: value }, projection: z0 };
        },
      };
    },
  };
}

/** {@link simsiamLoss}, had nobody thought of stopping the gradient. */
function unstoppedLoss(p0: tf.Tensor2D, p1: tf.Tensor2D, z0: tf.Tensor2D, z1: tf.Tensor2D): tf.Scalar {
  return tf.mul(0.5, tf.add(negativeCosine(p0, z1), negativeCosine(p1, z0)));
}

/** BYOL without teacher, predictor and stopped gradient: what is left is that views agree. */
const agreementAlone: Objective = {
  name: 'agreement-alone',
  views: { min: 2, max: 2 },
  minBatch: 2,
  bind: (encoder) => {
    const projector = mlpHead({ dims: [encoder.outputDim, 256, 256] });
    return {
      variables: variablesOf({ encoder, projector }),
      loss: ({ views }, context) => {
        const [z0, z1] = halves(projectViews(views, { encoder, projector }, context));
        const loss = tf.add<tf.Scalar>(4, tf.mul(4, negativeCosine(z0, z1)));
        return { loss, terms: { distance: loss }, projection: z0 };
      },
    };
  },
};

const prototypes = { hidden: [256, 256], bottleneck: 64, prototypes: 256, momentum: 0.99, freezeEpochs: 0 };
const pairs = [
  {
    name: 'SimSiam without stopped gradients',
    without: predictive(unstoppedLoss),
    whole: predictive(simsiamLoss),
  },
  {
    name: 'BYOL without a target of its own',
    without: agreementAlone,
    whole: byol({ projector: [256, 256], predictor: [256, 256], momentum: 0.99 }),
  },
  {
    name: 'VICReg without the variance term',
    rankShare: 0.5, // others lose the rank of projections, and of the features behind them little as yet
    learningRate: 0.012, // scale goes first, which the monitor does not look at, and directions after it
    without: vicreg({ projector: [256, 256], varianceWeight: 0 }),
    whole: vicreg({ projector: [256, 256] }),
  },
  {
    name: 'DINO without centring',
    without: dino({ ...prototypes, centerMomentum: 1 }), // the centre stays where it began, at 0
    whole: dino(prototypes),
  },
];

test.each(pairs)(
  '$name collapses, and the monitor says so within the first epoch; whole it does not',
  async ({ without, whole, learningRate = 0.004, rankShare = 1.1 }) => {
    const [bare, healthy] = [await firstEpoch(without, learningRate), await firstEpoch(whole, learningRate)];
    expect(bare.warnings.length).toBeGreaterThan(0);
    expect(bare.spread).toBeLessThan(0.25);
    expect(healthy.warnings).toEqual([]);
    expect(healthy.spread).toBeGreaterThan(0.4);
    expect(bare.figures.rankMe).toBeLessThan(rankShare * (healthy.figures.rankMe ?? 0));
    expect(bare.figures.projectionStd).toBeLessThan(0.2); // of images not trained on
    expect(bare.figures.featureStd).toBeGreaterThan(0.5); // the encoder's own tells nothing
    expect(healthy.figures.projectionStd).toBeGreaterThan(0.4);
  },
  60_000,
);

test('LeJEPA needs none of these crutches', async () => {
  const { warnings, spread } = await firstEpoch(lejepa({ projector: [256, 64], slices: 256 }), 0.004);
  expect(warnings).toEqual([]);
  expect(spread).toBeGreaterThan(0.8);
}, 60_000);
