import { adamw, type HostTensors, hostScalar, type Objective } from '@unlabel/core';
import { lejepa, plugin as predictive } from '@unlabel/jepa';
import { plugin as contrastive, simclr } from '@unlabel/losses-contrastive';
import { plugin as noncontrastive, vicreg } from '@unlabel/losses-noncontrastive';
import { objectivePluginConformance } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { disagreements, onBoth } from './againstEager';
import { onnx } from './onnx';
import { encoderNames, trainingCase } from './trainingFixture';

describe('every objective, around a tiny encoder', async () => {
  const backend = onnx({ threads: 2, thread: 'main' });
  for (const plugin of [contrastive, noncontrastive, predictive]) {
    const cases = await objectivePluginConformance(plugin, { backend });
    for (const { name, run } of cases.filter((one) => one.name.endsWith(' on onnx'))) test(name, run);
  }
});

const objectives: readonly Objective[] = [
  simclr({ projector: [12, 8] }),
  vicreg({ projector: [12, 8] }),
  lejepa({ projector: [12, 4], slices: 16 }),
];

const cases = encoderNames.flatMap((encoder) =>
  objectives.map((objective) => ({ encoder, name: objective.name, objective })),
);

test.each(cases)(
  '$name on $encoder: gradients and statistics as on the eager backend',
  async ({ encoder, objective }) => {
    const { accumulate, state, inputs } = trainingCase(encoder, { objective, optimizer: adamw(), accumulate: 2 });
    if (!accumulate) throw new Error('Gradients are not accumulated.');
    const { eager, onnx } = await onBoth({ step: accumulate, state, inputs, runs: 2 });
    expect(disagreements(significant(eager.state), onnx.state, 2e-3)).toEqual([]);
    expect(disagreements(eager.outputs[1] ?? {}, onnx.outputs[1] ?? {}, 2e-3)).toEqual([]);
  },
);

test.each(cases)('$name on $encoder: losses as on the eager backend', async ({ encoder, objective }) => {
  const { update, state, inputs } = trainingCase(encoder, { objective, optimizer: adamw() });
  const slower = { ...inputs, learningRate: hostScalar(1e-3) };
  const { eager, onnx } = await onBoth({ step: update, state, inputs: slower, runs: 2 });
  for (const [run, expected] of eager.outputs.map(lossOf).entries()) {
    expect(Math.abs(expected - lossOf(onnx.outputs[run]))).toBeLessThan(1e-2 * Math.abs(expected));
  }
});

/** Gradients that are 0 but for rounding cannot be compared by their own size. */
function significant(tensors: HostTensors): HostTensors {
  return Object.fromEntries(Object.entries(tensors).filter(([, { data }]) => Math.max(...data.map(Math.abs)) > 1e-5));
}

function lossOf(outputs: HostTensors = {}): number {
  return outputs.loss?.data[0] ?? Number.NaN;
}
