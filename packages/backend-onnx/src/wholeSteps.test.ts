import {
  adamw,
  type Encoder,
  type HostTensors,
  hostTensor,
  initialise,
  layerContext,
  lossAndGradients,
  type NamedTensors,
  type Objective,
  randomStream,
  type Step,
  sizeOf,
  tf,
} from '@unlabel/core';
import { lejepa } from '@unlabel/jepa';
import { simclr } from '@unlabel/losses-contrastive';
import { vicreg } from '@unlabel/losses-noncontrastive';
import { mlp, resnet, vit } from '@unlabel/models';
import { expect, test } from 'vitest';
import { disagreements, onBoth } from './againstEager';

const inputShape = [8, 8, 2] as const;

const encoders: Readonly<Record<string, Encoder>> = {
  mlp: mlp({ inputShape, hidden: [12], outputDim: 6 }),
  resnet: resnet({ inputShape, stem: 'small-image', blocks: [1, 1], widths: [4, 6], strides: [2, 2] }),
  vit: vit({ inputShape, patchSize: 4, dim: 8, depth: 1, heads: 2 }),
};

const objectives: Readonly<Record<string, Objective>> = {
  simclr: simclr({ projector: [12, 8] }),
  vicreg: vicreg({ projector: [12, 8] }),
  lejepa: lejepa({ projector: [12, 4], slices: 16 }),
};

const cases = Object.keys(encoders).flatMap((encoder) =>
  Object.keys(objectives).map((objective) => [objective, encoder] as const),
);

test.each(cases)('%s on %s: losses, gradients and statistics as on the eager backend', async (objective, encoder) => {
  const { step, state } = trainingStep(objectives[objective], encoders[encoder]);
  const { eager, onnx } = await onBoth({ step, state, inputs: { view0: images(0), view1: images(1) }, runs: 2 });
  const [first = {}] = eager.outputs;
  expect(disagreements(significant(first), onnx.outputs[0] ?? {}, 2e-3)).toEqual([]);
  const second = eager.outputs[1] ?? {};
  expect(Math.abs(lossOf(second) - lossOf(onnx.outputs[1] ?? {}))).toBeLessThan(1e-2 * Math.abs(lossOf(second)));
});

/** Gradients that are 0 but for rounding cannot be compared by their own size. */
function significant(outputs: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(outputs).filter(([, { data }]) => Math.max(...data.map(Math.abs)) > 1e-5));
}

function lossOf(outputs: HostTensors): number {
  return outputs.loss?.data[0] ?? Number.NaN;
}

/** The step of a bound objective under AdamW; its outputs are the loss, the terms and all gradients. */
function trainingStep(objective: Objective | undefined, encoder: Encoder | undefined) {
  if (!objective || !encoder) throw new Error('The case names no objective or encoder.');
  const bound = objective.bind(encoder);
  const parameters = Object.fromEntries(Object.entries(bound.variables).filter(([, { trainable }]) => trainable));
  const optimizer = adamw();
  const slots = optimizer.slots(parameters);
  const step: Step = ({ state, inputs, random }) => {
    const { context, updates } = layerContext(only(state, bound.variables), { training: true, random });
    const { view0, view1 } = inputs;
    if (!view0 || !view1) throw new Error('The step needs two views.');
    const scalars = Object.fromEntries(Object.keys(bound.schedules ?? {}).map((name) => [name, tf.scalar(0.5)]));
    const { loss, extra, gradients } = lossAndGradients(
      () => {
        const report = bound.loss({ views: [view0, view1], tensors: {}, scalars }, context);
        return { loss: report.loss, extra: { ...report.terms, ...updates } };
      },
      only(state, parameters),
    );
    const rates = { learningRate: tf.scalar(1e-3), weightDecayScale: tf.scalar(1), step: tf.scalar(0) };
    const moved = optimizer.update({
      parameters: only(state, parameters),
      gradients,
      slots: only(state, slots),
      ...rates,
    });
    const statistics = only(extra, bound.variables);
    const named = Object.entries({ ...gradients, ...statistics }).map(
      ([name, tensor]) => [`next/${name}`, tensor] as const,
    );
    return {
      outputs: { loss, ...Object.fromEntries(named) },
      state: { ...statistics, ...moved.parameters, ...moved.slots },
    };
  };
  return { step, state: initialise({ ...bound.variables, ...slots }, 1) };
}

function only(tensors: NamedTensors, names: object): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name in names));
}

function images(view: number) {
  const stream = randomStream([view, 'wholeSteps.test']);
  const shape = [6, ...inputShape];
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}
