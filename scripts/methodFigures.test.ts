import { expect, test } from 'vitest';
import { bestOf, bestRows, type MethodFigures, methodRows } from './methodFigures.mjs';

const untrained = { knn: 0.7, linear: 0.75, rankMe: 20 };

function run(method: string, seed: number, knn: number): MethodFigures {
  const trained = { knn, linear: knn + 0.01, rankMe: 40 };
  return { method, seed, cores: 2, steps: 310, seconds: 30, untrained, trained };
}

const traits = { capture: true, memory: 'batch² similarities' };
const methods = ['a', 'b', 'c'].map((name) => ({ definition: { name, traits }, source: `packages/${name}.ts` }));

test('the best are those with the highest kNN of seed 0 among the methods there are', () => {
  const figures = [run('a', 0, 0.75), run('a', 1, 0.99), run('b', 0, 0.8), run('c', 0, 0.7), run('gone', 0, 0.9)];
  const names = methods.map(({ definition }) => definition);
  expect(bestOf(names, figures, 2)).toEqual(['b', 'a']);
});

test('a method without figures keeps its row', () => {
  const { heads, rows } = methodRows(methods, [run('b', 0, 0.8)]);
  expect(rows[0]).toEqual(['[a](../packages/a.ts)', 'ResNet', '2', '', '', '', '', '', traits.memory]);
  expect(rows[1]?.slice(3)).toEqual(['30', '70.0', '80.0', '81.0', '40.0', traits.memory]);
  expect(heads).toHaveLength(9);
});

test('one that does not learn from images says from what', () => {
  const states = { definition: { name: 'd', traits: { ...traits, modality: 'states' as const } }, source: 'd.ts' };
  expect(methodRows([states], []).rows[0]?.slice(1, 3)).toEqual(['none: learns from states', '']);
});

test('the best are given as means with their spread once three seeds have run', () => {
  const figures = [run('a', 0, 0.75), run('b', 0, 0.8), run('b', 1, 0.82), run('b', 2, 0.78)];
  expect(bestRows(methods, figures).rows).toEqual([['b', '3', '80.0 (78.0 to 82.0)', '81.0 (79.0 to 83.0)', '40.0']]);
});
