import { createRegistry } from '@unlabel/core';
import { evaluatorConformance } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { plugin } from './plugin';

const registry = createRegistry([plugin]);
const definitions = registry.definitions('evaluator');
const evaluators = await Promise.all(definitions.map(({ name }) => registry.make('evaluator', name)));

test('evaluators are named as they are registered', () => {
  expect(evaluators.map(({ name }) => name)).toEqual(definitions.map(({ name }) => name));
});

test.each(evaluators.flatMap((evaluator) => evaluatorConformance(evaluator).map((held) => ({ evaluator, ...held }))))(
  '$evaluator.name $name',
  ({ run }) => run(),
);
