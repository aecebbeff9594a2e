import { type Definition, define, type ObjectiveTraits } from '@unlabel/core';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { methodAssignments } from './methodAssignments';

function method(traits: Partial<ObjectiveTraits> = {}): Definition {
  return define({
    kind: 'objective',
    name: 'method',
    summary: '',
    options: z.object({ heads: z.number() }),
    small: { heads: 2 },
    traits: { capture: true, memory: '', ...traits },
    load: async () => () => {
      throw new Error('Nothing is made.');
    },
  });
}

test('a method comes with its options for small encoders, and the recipe’s encoder and views', () => {
  expect(methodAssignments(method())).toEqual(['objective={"name":"method","heads":2}']);
});

test('one that works on tokens gets a transformer whose patches fill the views', () => {
  expect(methodAssignments(method({ encoder: 'tokens' }), { size: 30, channels: 3 }).slice(1)).toEqual([
    'encoder={"name":"vit","inputShape":[28,28,3],"patchSize":4,"dim":64,"depth":3,"heads":2}',
    'views.size=28',
    'training.learningRate=0.0015',
  ]);
});

test('traits decide how many views there are', () => {
  expect(methodAssignments(method({ views: 'one' })).slice(1)).toEqual([
    'views.views=1',
    'evaluation.standardise=true',
  ]);
  expect(methodAssignments(method({ views: 'multi-crop' })).slice(1)).toEqual([
    'views.local={ count: 2, size: 12, scale: [0.1, 0.4] }',
  ]);
});

test('a method may need another learning rate, also with the transformer', () => {
  expect(methodAssignments(method({ learningRate: 0.001 })).slice(1)).toEqual(['training.learningRate=0.001']);
  expect(methodAssignments(method({ encoder: 'tokens', learningRate: 0.001 })).at(-1)).toBe(
    'training.learningRate=0.001',
  );
});

test('refuses a method that does not learn from images', () => {
  const act = () => methodAssignments(method({ modality: 'states' }));
  expect(act).toThrow(/^method learns from states/);
});
