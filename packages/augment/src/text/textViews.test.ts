import { randomStream, type TextSample, type ViewPipeline } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { byteTokenizer } from './byteTokenizer';
import { contrieverViews } from './contrieverViews';
import { declutrViews } from './declutrViews';
import { edaViews } from './edaViews';
import { simcseViews } from './simcseViews';
import { textPipeline } from './textPipeline';
import { wordCrop } from './wordCrop';
import { wordDeletion } from './wordDeletion';
import { wordSwap } from './wordSwap';

const tokenizer = byteTokenizer();
const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
const words = ['the', 'quick', 'brown', 'fox', 'jumps'];

/** What the views of a text say, of one seed. */
function read<P>(views: ViewPipeline<P, TextSample>, text: string, seed = 1): string[] {
  const drawn = JSON.parse(JSON.stringify(views.draw(randomStream([seed]), { text })));
  const targets = Object.fromEntries(
    Object.entries(views.outputs).map(([name, { shape }]) => [name, new Int32Array(shape[0] ?? 0).fill(-7)]),
  );
  views.render({ text }, drawn, targets);
  return Object.entries(targets).flatMap(([name, ids]) => (name.startsWith('views/') ? tokenizer.decode(ids) : []));
}

describe('transforms of words', () => {
  test('do what was drawn', () => {
    expect(wordDeletion().apply(words, { deleted: [0, 3] })).toEqual(['quick', 'brown', 'jumps']);
    expect(
      wordSwap().apply(words, {
        swaps: [
          [0, 1],
          [1, 4],
        ],
      }),
    ).toEqual(['quick', 'jumps', 'brown', 'fox', 'the']);
    expect(wordCrop().apply(words, { start: 1, count: 3 })).toEqual(['quick', 'brown', 'fox']);
    expect(words).toEqual(['the', 'quick', 'brown', 'fox', 'jumps']);
  });

  test('delete as many words as asked, and never all', () => {
    const deleted = (probability: number, count: number) =>
      seeds.map((seed) => wordDeletion({ probability }).draw(randomStream([seed]), count)?.deleted.length ?? 0);
    const share = deleted(0.1, 20).reduce((sum, count) => sum + count, 0) / (20 * seeds.length);
    expect(Math.abs(share - 0.1)).toBeLessThan(0.006); // 4σ
    expect(new Set(deleted(1, 4))).toEqual(new Set([3]));
    expect(new Set(deleted(1, 1))).toEqual(new Set([0]));
    expect(wordDeletion({ probability: 0 }).draw(randomStream([1]), 50)).toBeNull();
  });

  test('swap different words, a tenth as often as there are', () => {
    const draw = (count: number, share = 0.1) => wordSwap({ share }).draw(randomStream([count]), count)?.swaps;
    expect([2, 9, 25, 100].map((count) => draw(count)?.length)).toEqual([1, 1, 2, 10]);
    expect(draw(1)).toBeUndefined();
    expect(draw(9, 0)).toBeUndefined();
    for (const [first, second] of draw(300) ?? []) expect(first).not.toBe(second);
  });

  test('crop runs of every place and length in the range', () => {
    const drawn = seeds.flatMap((seed) => wordCrop({ share: [0.2, 0.6] }).draw(randomStream([seed]), 10) ?? []);
    expect(new Set(drawn.map(({ count }) => count))).toEqual(new Set([2, 3, 4, 5, 6]));
    expect(Math.min(...drawn.map(({ start }) => start))).toBe(0);
    expect(Math.max(...drawn.map(({ start, count }) => start + count))).toBe(10);
    expect(wordCrop().draw(randomStream([1]), 1)).toEqual({ start: 0, count: 1 });
  });
});

describe('recipes', () => {
  test('SimCSE shows a text twice as it is, white space and all', () => {
    expect(read(simcseViews({ tokenizer }), 'One  text,\nas it is')).toEqual(Array(2).fill('One  text,\nas it is'));
    expect(Object.keys(simcseViews({ tokenizer, views: 1 }).outputs)).toEqual(['views/0', 'attention/0']);
  });

  test('pad and mark what is text', () => {
    const views = simcseViews({ tokenizer, length: 6, views: 1 });
    const targets = { 'views/0': new Int32Array(6).fill(-7), 'attention/0': new Int32Array(6).fill(-7) };
    views.render({ text: 'ab' }, [[]], targets);
    expect([...targets['views/0']]).toEqual([2, 102, 103, 3, 0, 0]);
    expect([...targets['attention/0']]).toEqual([1, 1, 1, 1, 0, 0]);
  });

  test('EDA changes places and leaves out, differently in each view', () => {
    const text = Array.from({ length: 20 }, (_, index) => `w${index}`).join(' ');
    const [first = '', second = ''] = read(edaViews({ tokenizer, length: 100 }), text, 4);
    expect(first).not.toBe(second);
    const said = first.split(' ');
    expect(said.length).toBeLessThan(20);
    expect(said.every((word) => text.split(' ').includes(word))).toBe(true);
    expect(said).not.toEqual([...said].sort((a, b) => text.indexOf(a) - text.indexOf(b)));
    expect(read(edaViews({ tokenizer, length: 100, swap: 0, deletion: 0 }), text)).toEqual([text, text]);
  });

  test('Contriever cuts runs of a document', () => {
    const text = Array.from({ length: 60 }, (_, index) => `w${index}`).join(' ');
    for (const view of read(contrieverViews({ tokenizer, deletion: 0 }), text)) {
      expect(text).toContain(view);
      expect(view.split(' ').length).toBeLessThanOrEqual(30);
    }
  });

  test('DeCLUTR’s positives are shorter than anchors in the mean, and overlap or adjoin them', () => {
    const views = declutrViews({ tokenizer, length: 102, shortest: 10, positives: 2 });
    const sample = { text: 'x'.repeat(1000) };
    const drawn = seeds.map((seed) => views.draw(randomStream([seed]), sample));
    const lengths = (view: number) => drawn.map((spans) => spans[view]?.count ?? 0);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(lengths(0)) - (10 + (90 * 4) / 6))).toBeLessThan(1.5); // Beta(4, 2) has mean 2/3
    expect(Math.abs(mean(lengths(1)) - (10 + (90 * 2) / 6))).toBeLessThan(1.5);
    for (const [anchor, ...near] of drawn) {
      for (const { start, count } of near) {
        expect(start).toBeGreaterThanOrEqual((anchor?.start ?? 0) - count);
        expect(start).toBeLessThanOrEqual((anchor?.start ?? 0) + (anchor?.count ?? 0));
        expect(start + count).toBeLessThanOrEqual(1000);
      }
    }
  });

  test('DeCLUTR shows all there is of a text that is shorter than its shortest span', () => {
    expect(read(declutrViews({ tokenizer }), 'short')).toEqual(['short', 'short']);
    expect(read(declutrViews({ tokenizer, length: 5 }), 'longer').every((span) => span.length === 3)).toBe(true);
  });
});

test('refuses what is out of range, blank texts, and targets that lack a view', () => {
  for (const refused of [
    () => wordDeletion({ probability: 1.5 }),
    () => wordSwap({ share: -0.1 }),
    () => wordCrop({ share: [0.5, 1.2] }),
    () => wordCrop({ share: [0.5, 0.2] }),
    () => textPipeline({ tokenizer, views: [] }),
    () => textPipeline({ tokenizer, views: [{ count: 0 }] }),
    () => simcseViews({ tokenizer, length: 2 }),
    () => declutrViews({ tokenizer, shortest: 0 }),
    () => declutrViews({ tokenizer, positives: 1.5 }),
    () => simcseViews({ tokenizer }).render({ text: 'a' }, [[], []], {}),
    () => simcseViews({ tokenizer }).render({ text: 'a' }, [], { 'views/0': new Int32Array(32) }),
  ]) {
    expect(refusalOf(refused)).toBe('INVALID_OPTION');
  }
  const targets = { 'views/0': new Int32Array(32), 'attention/0': new Int32Array(32) };
  const [plain, changed] = [simcseViews({ tokenizer, views: 1 }), edaViews({ tokenizer })];
  expect(refusalOf(() => plain.render({ text: '' }, [[]], targets))).toBe('SAMPLE_EMPTY');
  expect(refusalOf(() => changed.draw(randomStream([1]), { text: ' \t ' }))).toBe('SAMPLE_EMPTY');
  expect(refusalOf(() => declutrViews({ tokenizer }).draw(randomStream([1]), { text: '' }))).toBe('SAMPLE_EMPTY');
});
