import { expect, test } from 'vitest';
import { configSchema } from './configSchema';
import { explainIssues } from './explainIssues';

const whole = { data: { dataset: 'fashion-mnist' }, views: 'simclr-views', encoder: 'resnet', objective: 'simclr' };

function faultsOf(change: object): readonly string[] {
  const value = { ...whole, ...change };
  const parsed = configSchema.safeParse(value);
  return parsed.success ? [] : explainIssues(parsed.error.issues, configSchema, value);
}

test('the smallest config is accepted', () => expect(faultsOf({})).toEqual([]));

test.each([
  [{ objectiv: 'byol' }, "There is no key 'objectiv'. Did you mean 'objective'?"],
  [{ training: { epoch: 3 } }, "There is no key 'training.epoch'. Did you mean 'training.epochs'?"],
  [{ data: { dataset: 'x', rnge: [0, 1] } }, "There is no key 'data.rnge'. Did you mean 'data.range'?"],
  [{ training: { epochs: 'ten' } }, 'training.epochs is "ten" (text); it needs a number.'],
  [{ training: { epochs: 1.5 } }, 'training.epochs is 1.5 (a number); it needs a whole number.'],
  [{ objective: 3 }, 'objective is 3 (a number); it needs text or a section with keys.'],
  [{ objective: { temperature: 1 } }, 'objective.name is missing; it needs text.'],
  [
    { training: { schedule: 'cosin' } },
    `training.schedule is "cosin" (text); it can be cosine, linear, constant. Did you mean 'cosine'?`,
  ],
  [{ encoder: undefined }, 'encoder is missing; it needs text or a section with keys.'],
])('%j is told as: %s', (change, sentence) => expect(faultsOf(change)).toEqual([sentence]));

test('a value out of range names the bound', () => {
  expect(faultsOf({ training: { learningRate: -1 } })[0]).toMatch(/^training\.learningRate is -1 .*>0/);
});

test('every fault is told, not only the first', () => {
  expect(faultsOf({ objectiv: 1, training: { epochs: 'a', seed: 'b' } })).toHaveLength(3);
});
