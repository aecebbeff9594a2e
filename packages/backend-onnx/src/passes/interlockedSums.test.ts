import { expect, test } from 'vitest';
import { floatConstant, graphBuilder, integers, reshape } from '../graph/builder';
import { type Graph, type Value, value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { interlockedSums } from './interlockedSums';

/** Rows of two images in turn, plus those of one among zeros, which stand behind or in front of it. */
function sumOfRows(
  zeros: readonly number[],
  read: (woven: Value) => Readonly<Record<string, Value>> = () => ({}),
): Graph {
  const builder = graphBuilder({ contrib: false, images: batchLast });
  const [a, b, c] = [value('float32', [4, 3, 1, 8]), value('float32', [4, 3, 1, 8]), value('float32', [4, 3, 1, 8])];
  const pair = { dtype: 'float32', shape: [4, 3, 2, 8] } as const;
  const woven = builder.op('Concat', [a, b], pair, { axis: 2 });
  const spread = builder.op('Pad', [c, integers(zeros), floatConstant(0)], pair);
  const images = [spread, woven].map((image) => reshape(builder, image, [4, 6, 8]));
  const sum = builder.op('Add', images, { dtype: 'float32', shape: [4, 6, 8] });
  return { inputs: { a, b, c }, nodes: builder.nodes, outputs: { sum, ...read(woven) } };
}

const behind = [0, 0, 0, 0, 0, 0, 1, 0];
const adds = ({ nodes }: Graph) =>
  nodes.filter(({ op }) => op === 'Add').map(({ outputs: [sum] }) => sum?.shape.join('×'));

test('an image among zeros is added to the one that it interlocks with', () => {
  const after = interlockedSums.run(sumOfRows(behind), { imageBlock: 1 });
  expect(adds(after)).toEqual(['4×3×8']);
  expect(after.nodes.at(-1)?.outputs).toEqual([after.outputs.sum]);
});

test('zeros in front, and rows that something else reads too, leave the sum as it is', () => {
  const inFront = [0, 0, 1, 0, 0, 0, 0, 0];
  expect(adds(interlockedSums.run(sumOfRows(inFront), { imageBlock: 1 }))).toEqual(['4×6×8']);
  const shared = sumOfRows(behind, (woven) => ({ woven }));
  expect(adds(interlockedSums.run(shared, { imageBlock: 1 }))).toEqual(['4×6×8']);
});
