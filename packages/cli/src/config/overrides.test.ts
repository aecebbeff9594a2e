import { expect, test } from 'vitest';
import { applyOverrides } from './overrides';

test('sets a nested value, read as YAML', () => {
  expect(applyOverrides({ training: { epochs: 2, seed: 1 } }, ['training.epochs=5'])).toEqual({
    training: { epochs: 5, seed: 1 },
  });
  expect(applyOverrides({}, ['plugins=[a, b]', 'data.range=[0, 10]'])).toEqual({
    plugins: ['a', 'b'],
    data: { range: [0, 10] },
  });
});

test('an option of a part given by name keeps the name', () => {
  expect(applyOverrides({ objective: 'simclr' }, ['objective.temperature=0.2'])).toEqual({
    objective: { name: 'simclr', temperature: 0.2 },
  });
});

test('reaches into lists by index and leaves the given config alone', () => {
  const config = { evaluators: ['knn', 'linear-probe'] };
  expect(applyOverrides(config, ['evaluators.0=rank-me'])).toEqual({ evaluators: ['rank-me', 'linear-probe'] });
  expect(config.evaluators).toEqual(['knn', 'linear-probe']);
});

test('an equals sign in the value stays', () => {
  expect(applyOverrides({}, ['out=a=b'])).toEqual({ out: 'a=b' });
});

test('an assignment without a value is refused', () => {
  expect(() => applyOverrides({}, ['training.epochs'])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});
