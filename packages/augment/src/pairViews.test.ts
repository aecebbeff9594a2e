import { type PairSample, randomStream, sizeOf, type ViewPipeline } from '@unlabel/core';
import { refusalOf } from '@unlabel/testkit';
import { expect, test } from 'vitest';
import { clipViews } from './clipViews';
import { evaluationView } from './evaluationView';
import { pairViews } from './pairViews';
import { smallImageViews } from './smallImageViews';
import { bertViews } from './text/bertViews';
import { byteTokenizer } from './text/byteTokenizer';
import { simcseViews } from './text/simcseViews';

const tokenizer = byteTokenizer();
const sample: PairSample = {
  image: { data: Uint8Array.from({ length: 64 }, (_, at) => at * 4), height: 8, width: 8, channels: 1 },
  text: 'a ramp',
};

function render<P>(views: ViewPipeline<P, PairSample>) {
  const targets = Object.fromEntries(
    Object.entries(views.outputs).map(([name, { shape, dtype }]) => {
      const size = sizeOf(shape);
      return [name, dtype === 'float32' ? new Float32Array(size).fill(Number.NaN) : new Int32Array(size).fill(-7)];
    }),
  );
  views.render(sample, views.draw(randomStream([1]), sample), targets);
  return targets;
}

test('one image and one text are views 0 and 1, as each side makes them alone', () => {
  const normalise = { mean: [0], std: [1] };
  const views = pairViews({
    image: evaluationView({ size: 8, normalise }),
    text: simcseViews({ tokenizer, length: 10, views: 1 }),
  });
  expect(views.outputs).toEqual({
    'views/0': { shape: [8, 8, 1], dtype: 'float32' },
    'views/1': { shape: [10], dtype: 'int32' },
    'attention/1': { shape: [10], dtype: 'int32' },
  });
  const rendered = render(views);
  expect([...(rendered['views/0'] ?? [])]).toEqual(
    [...sample.image.data].map((value) => expect.closeTo(value / 255, 6)),
  );
  expect([...(rendered['views/1'] ?? [])]).toEqual([2, ...tokenizer.encode('a ramp'), 3, 0, 0]);
  expect([...(rendered['attention/1'] ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
});

test('several views of the image push those of the text on, with all that belongs to them', () => {
  const text = bertViews({ tokenizer, length: 12 });
  const views = pairViews({ image: smallImageViews({ size: 4 }), text });
  expect(Object.keys(views.outputs)).toEqual(['views/0', 'views/1', 'views/2', 'attention/2', 'targets/2', 'masked/2']);
  const rendered = render(views);
  expect([...(rendered['masked/2'] ?? [])].filter((masked) => masked === 1).length).toBe(1);
  expect([...(rendered['targets/2'] ?? [])]).toEqual([2, ...tokenizer.encode('a ramp'), 3, 0, 0, 0, 0]);
});

test('refuses pipelines for other samples, and is not portable with one that is not', () => {
  const [image, text] = [evaluationView(), simcseViews({ tokenizer })];
  expect(refusalOf(() => pairViews({ image, text: evaluationView() as never }))).toBe('INVALID_OPTION'); // as from JavaScript
  expect(refusalOf(() => pairViews({ image: text as never, text }))).toBe('INVALID_OPTION'); // as from JavaScript
  const { portable: _, ...own } = text;
  expect(pairViews({ image, text: own }).portable).toBeUndefined();
  expect(clipViews({ tokenizer }).portable).toBeDefined();
});
