import { createRegistry } from '@unlabel/core';
import { evaluatorConformance } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { plugin } from './plugin';

const registry = createRegistry([plugin]);
const definitions = registry.definitions('evaluator');
const rows = 60;
const scores = Array.from({ length: rows }, (_, pair) => pair % 5);
const needed = { 'similarity-correlation': { options: { scores }, bankRows: rows } };
const neededBy = (name: string) => Object.entries(needed).find(([evaluator]) => evaluator === name)?.[1];
const evaluators = await Promise.all(
  definitions.map(({ name }) => registry.make('evaluator', name, neededBy(name)?.options)),
);

test('evaluators are named as they are registered', () => {
  expect(evaluators.map(({ name }) => name)).toEqual(definitions.map(({ name }) => name));
});

test.each(
  evaluators.flatMap((evaluator) =>
    evaluatorConformance(evaluator, { bankRows: neededBy(evaluator.name)?.bankRows }).map((held) => ({
      evaluator,
      ...held,
    })),
  ),
)('$evaluator.name $name', ({ run }) => run());
