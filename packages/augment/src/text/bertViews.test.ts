import { randomStream, type TextSample } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { bertViews } from './bertViews';
import { byteTokenizer } from './byteTokenizer';
import { wordTokenizer } from './wordTokenizer';

const tokenizer = byteTokenizer();
const text = (length: number): TextSample => ({ text: 'unlabelled'.repeat(length / 10) });

function render(views: ReturnType<typeof bertViews>, sample: TextSample, drawn: ReturnType<typeof views.draw>) {
  const [length = 0] = views.outputs['views/0']?.shape ?? [];
  const targets = Object.fromEntries(Object.keys(views.outputs).map((name) => [name, new Int32Array(length).fill(-7)]));
  views.render(sample, drawn, targets);
  return Object.fromEntries(Object.entries(targets).map(([name, values]) => [name, [...values]]));
}

test('masks what was drawn, and tells what it was and where', () => {
  const words = wordTokenizer({ words: ['a', 'b', 'c', 'd'] });
  const views = bertViews({ tokenizer: words, length: 8 });
  expect(render(views, { text: 'a b c d' }, { positions: [2, 4], ids: [4, 5] })).toEqual({
    'views/0': [2, 5, 4, 7, 5, 3, 0, 0],
    'targets/0': [2, 5, 6, 7, 8, 3, 0, 0],
    'masked/0': [0, 0, 1, 0, 1, 0, 0, 0],
    'attention/0': [1, 1, 1, 1, 1, 1, 0, 0],
  });
});

test('cuts texts that are too long, but keeps [SEP]', () => {
  const views = bertViews({ tokenizer, length: 5 });
  const { 'targets/0': targets } = render(views, text(30), { positions: [1], ids: [4] });
  expect(targets).toEqual([2, ...tokenizer.encode('unl'), 3]);
});

test('predicts 15 % of the tokens, 20 at most and one at least, never [CLS], [SEP] or padding', () => {
  const count = (length: number, options = {}) =>
    bertViews({ tokenizer, ...options }).draw(randomStream([length]), text(length)).positions.length;
  expect(count(100)).toBe(15); // round(0.15 · 102)
  expect(count(120)).toBe(18);
  expect(count(500)).toBe(19); // of 128 tokens
  expect(count(500, { length: 512 })).toBe(20);
  expect(count(500, { length: 512, maxPredictions: 76 })).toBe(75);
  expect(bertViews({ tokenizer, share: 1 }).draw(randomStream([1]), { text: 'x' }).positions).toEqual([1]);
  assert(
    property(integer(), integer({ min: 1, max: 40 }), (seed, length) => {
      const sample = { text: 'x'.repeat(length) };
      const { positions } = bertViews({ tokenizer, length: 32 }).draw(randomStream([seed]), sample);
      expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
      expect(positions[0]).toBeGreaterThanOrEqual(1);
      expect(positions.at(-1)).toBeLessThanOrEqual(Math.min(length, 30));
    }),
    { numRuns: 50 },
  );
});

test('masks 80 %, replaces 10 % by ordinary tokens of every kind, and keeps 10 %', () => {
  const views = bertViews({ tokenizer });
  const sample = text(120);
  const whole = [tokenizer.special.cls, ...tokenizer.encode(sample.text)];
  const ids: number[] = [];
  const kept: boolean[] = [];
  for (let seed = 0; seed < 1000; seed++) {
    const drawn = views.draw(randomStream([seed]), sample);
    ids.push(...drawn.ids);
    kept.push(...drawn.ids.map((id, index) => id === whole[drawn.positions[index] ?? 0]));
  }
  const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
  const others = ids.filter((id, index) => id !== tokenizer.special.mask && !kept[index]);
  expect(ids.length).toBe(18_000);
  expect(Math.abs(share(ids.map((id) => id === tokenizer.special.mask)) - 0.8)).toBeLessThan(0.012); // 4σ
  expect(Math.abs(share(kept) - 0.1)).toBeLessThan(0.01); // and 1 in 256 of the random ones
  expect(Math.abs(others.length / ids.length - 0.1)).toBeLessThan(0.01);
  expect(Math.min(...others)).toBe(5);
  expect(Math.max(...others)).toBe(260);
  expect(new Set(others).size).toBeGreaterThan(240);
});

test('has options for each of these shares', () => {
  const ids = (options: object) => bertViews({ tokenizer, ...options }).draw(randomStream([1]), text(100)).ids;
  expect(new Set(ids({ mask: 1, random: 0 }))).toEqual(new Set([tokenizer.special.mask]));
  expect(ids({ mask: 0, random: 1 })).not.toContain(tokenizer.special.mask);
  const { positions, ids: same } = bertViews({ tokenizer, mask: 0, random: 0, share: 0.05 }).draw(
    randomStream([1]),
    text(100),
  );
  expect(positions.length).toBe(5);
  expect(same).toEqual(positions.map((position) => tokenizer.encode(text(100).text)[position - 1]));
});

test('draws plain data, from which the same view comes after JSON', () => {
  const views = bertViews({ tokenizer, length: 40 });
  const drawn = views.draw(randomStream([3]), text(60));
  expect(views.draw(randomStream([3]), text(60))).toEqual(drawn);
  expect(render(views, text(60), JSON.parse(JSON.stringify(drawn)))).toEqual(render(views, text(60), drawn));
});

test('refuses what makes no masks, and blank texts', () => {
  for (const options of [
    { length: 2 },
    { length: 12.5 },
    { share: 0 },
    { share: 1.1 },
    { maxPredictions: 0 },
    { mask: -0.1 },
    { mask: 0.8, random: 0.3 },
  ]) {
    expect(refusalOf(() => bertViews({ tokenizer, ...options }))).toBe('INVALID_OPTION');
  }
  const { pad, cls, sep } = tokenizer.special;
  expect(refusalOf(() => bertViews({ tokenizer: { ...tokenizer, special: { pad, cls, sep } } }))).toBe(
    'INVALID_OPTION',
  );
  expect(refusalOf(() => bertViews({ tokenizer }).draw(randomStream([1]), { text: ' \n' }))).toBe('SAMPLE_EMPTY');
});
