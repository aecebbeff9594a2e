import { expect, test } from 'vitest';
import type { LabelledInputs } from './labelledInputs';
import { transfer } from './transfer';
import { knnEvaluator } from './weightedKnn';

/** Directions around the circle whose class is the half that they lie in. */
function halves(count: number, phase: number): LabelledInputs {
  const angles = Array.from({ length: count }, (_, row) => phase + (row * 2 * Math.PI) / count);
  return {
    inputs: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
    count,
    labels: Int32Array.from(angles, (angle) => (Math.sin(angle) > 0 ? 1 : 0)),
    classes: 2,
  };
}

test('measures the frozen encoder on other data, whose features it embeds once', async () => {
  const embedded: number[] = [];
  const encoder = {
    embed: async (inputs: Float32Array, count: number) => {
      embedded.push(count);
      return inputs.map((value) => 2 * value);
    },
  };
  const [near, all] = [knnEvaluator({ k: 1 }), knnEvaluator({ k: 40 })];
  const results = await transfer(encoder, {
    bank: halves(40, 0.01),
    test: halves(30, 0.02),
    evaluators: [near, all],
  });
  expect(embedded).toEqual([40, 30]);
  expect(results.map(({ evaluator }) => evaluator)).toEqual(['knn', 'knn']);
  expect(results[0]?.figures.accuracy).toBeGreaterThan(0.9);
  expect(results[0]?.details.confusionMatrix).toHaveLength(2);
  expect(results[0]?.warnings).toEqual([]);
});
