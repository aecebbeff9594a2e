import { hostTensor, type Step, tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { disagreements, onBoth } from '../againstEager';
import { graphBuilder } from '../graph/builder';
import { type Graph, type GraphNode, value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { commonSubexpressions } from './commonSubexpressions';
import { reluGradients } from './reluGradients';

const x = hostTensor(Float32Array.of(-2, -0.5, 0, 0.5, 3), [5]);

/** Constants of one element, two axes and another rank than `x`. */
const cases: readonly [string, (x: tf.Tensor, constant: (number: number) => tf.Tensor) => tf.Tensor][] = [
  ['a mask of positive values', (of, constant) => tf.cast(tf.greater(of, constant(0)), 'float32')],
  ['a shifted and scaled erf', (of, constant) => tf.mul(tf.add(tf.erf(of), constant(1)), 0.5)],
  ['factors of factors', (of, constant) => tf.mul(tf.mul(of, 3), constant(2))],
];

test.each(cases)('%s takes the axes that a constant brings', async (_, compute) => {
  const step: Step = ({ inputs }) => {
    const row = compute(inputs.x ?? tf.scalar(0), (number) => tf.tensor2d([[number]]));
    return { outputs: { rows: tf.concat([row, tf.neg(row)], 0), row: tf.concat([row, row], 1) } };
  };
  const { eager, onnx } = await onBoth({ step, inputs: { x } });
  expect(disagreements(eager.outputs[0] ?? {}, onnx.outputs[0] ?? {}, 1e-5)).toEqual([]);
});

/** Whether each node reads only what stands before it. */
function inOrder({ inputs, nodes }: Graph): boolean {
  const known = new Set(Object.values(inputs));
  return nodes.every((node: GraphNode) => {
    const fits = node.inputs.every((input) => !input || input.constant !== undefined || known.has(input));
    for (const output of node.outputs) known.add(output);
    return fits;
  });
}

test('a mask does not read a ReLU that comes after it', () => {
  const builder = graphBuilder({ contrib: true, images: batchLast });
  const given = value('float32', [5]);
  const positive = builder.op('Greater', [given, value('float32', [], Float32Array.of(0))], {
    dtype: 'bool',
    shape: [5],
  });
  const mask = builder.op('Cast', [positive], given, { to: 1 });
  const relu = builder.op('Relu', [given], given);
  const graph = { inputs: { given }, nodes: builder.nodes, outputs: { mask, relu } };
  expect(inOrder(reluGradients.run(graph, { imageBlock: 1 }))).toBe(true);
});

test('computes twice what differs in the sign of a zero, or in how many results are wanted', () => {
  const builder = graphBuilder({ contrib: true, images: batchLast });
  const given = value('float32', [1, 1, 2, 2]);
  const [plus, minus] = [0, -0].map((zero) =>
    builder.op('Div', [given, value('float32', [], Float32Array.of(zero))], given),
  );
  const largest = { dtype: 'float32', shape: [1, 1, 1, 1] } as const;
  const attributes = { kernel_shape: [2, 2] };
  const [alone] = builder.opWithOutputs('MaxPool', [given], [largest], attributes);
  const [, place] = builder.opWithOutputs('MaxPool', [given], [largest, { ...largest, dtype: 'int64' }], attributes);
  if (!plus || !minus || !alone || !place) throw new Error('An operator gave nothing.');
  const graph = { inputs: { given }, nodes: builder.nodes, outputs: { plus, minus, alone, place } };
  const after = commonSubexpressions.run(graph, { imageBlock: 1 });
  expect(after.nodes.map(({ op }) => op)).toEqual(['Div', 'Div', 'MaxPool', 'MaxPool']);
});
