import { createRegistry, randomStream, sizeOf, type TensorSpecs } from '@unlabel/core';
import { augmentationConformance, sourceSamples } from '@unlabel/testkit';
import { describe, expect, test } from 'vitest';
import { clipViews } from './clipViews';
import { plugin } from './plugin';
import { rebuild } from './portable';
import { audioViews } from './series/audioViews';
import { seriesViews } from './series/seriesViews';
import { byteTokenizer } from './text/byteTokenizer';
import { contrieverViews } from './text/contrieverViews';
import { edaViews } from './text/edaViews';
import { simcseViews } from './text/simcseViews';

/** What some cannot be made without, or are too large to test without. */
const needed: Readonly<Record<string, object>> = {
  rows: { features: 6 },
  scarf: {
    reference: [
      [1, 2, 3, 4, 5, 6],
      [7, 8, 9, 10, 11, 12],
    ],
  },
  clip: { size: 32 },
  vime: { reference: { data: new Float32Array(12).fill(3), features: 6 }, probability: 0.5 },
};

const lasting = new Set(['simcse']); // nothing random about it
const made = await Promise.all(
  plugin.definitions.map(async ({ name }) => {
    const views = await createRegistry([plugin]).make('augmentation', name, needed[name]);
    return { name, views };
  }),
);

describe.each(made.filter(({ views }) => views.modality))(
  '$name, for samples that are no images,',
  ({ name, views }) => {
    test.each(augmentationConformance(views, { random: !lasting.has(name) }))('$name', ({ run }) => run());

    test('is rebuilt from its reference, and from parameters as JSON, with the same values', async () => {
      const rebuilt = await rebuild<typeof views>(
        structuredClone(views.portable ?? { module: '', factory: '', options: 0 }),
      );
      expect(rebuilt.outputs).toEqual(views.outputs);
      expect(rebuilt.modality).toBe(views.modality);
      for (const sample of sourceSamples(views)) {
        const drawn = views.draw(randomStream([name]), sample);
        const render = (by: typeof views, parameters: unknown) => {
          const targets = targetsOf(by.outputs);
          by.render(sample, parameters, targets);
          return targets;
        };
        expect(render(rebuilt, JSON.parse(JSON.stringify(drawn)))).toEqual(render(views, drawn));
      }
    });
  },
);

function targetsOf(outputs: TensorSpecs): Record<string, Float32Array | Int32Array> {
  const arrays = Object.entries(outputs).map(([name, { shape, dtype }]) => {
    const size = sizeOf(shape);
    return [name, dtype === 'float32' ? new Float32Array(size) : new Int32Array(size)] as const;
  });
  return Object.fromEntries(arrays);
}

test('a tokenizer is named in a config as bytes, words or a file', async () => {
  const registry = createRegistry([plugin]);
  const read = async (tokenizer: 'bytes' | { words: string[] }) => {
    const views = await registry.augmentation('simcse', { tokenizer, length: 6, views: 1 });
    const targets = targetsOf(views.outputs);
    views.render({ text: 'Ab c' }, views.draw(randomStream([1]), { text: 'Ab c' }), targets);
    return [...(targets['views/0'] ?? [])];
  };
  expect(await read('bytes')).toEqual([2, 70, 103, 37, 104, 3]);
  expect(await read({ words: ['ab'] })).toEqual([2, 5, 1, 3, 0, 0]);
  const absent = registry.augmentation('bert', { tokenizer: { file: 'absent.json' } });
  await expect(absent).rejects.toMatchObject({ code: 'TOKENIZER_INVALID' });
  await expect(registry.augmentation('scarf', { reference: [[1, 2], [3]] })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  });
});

test('defaults by name are those of the function', async () => {
  const registry = createRegistry([plugin]);
  const tokenizer = byteTokenizer();
  const references = async (made: Promise<{ portable?: unknown }>) => (await made).portable;
  expect(await references(registry.augmentation('eda'))).toEqual(edaViews({ tokenizer }).portable);
  expect(await references(registry.augmentation('contriever'))).toEqual(contrieverViews({ tokenizer }).portable);
  expect(await references(registry.augmentation('simcse'))).toEqual(simcseViews({ tokenizer }).portable);
  expect(await references(registry.augmentation('clip'))).toEqual(clipViews({ tokenizer }).portable);
  expect(await references(registry.augmentation('audio'))).toEqual(audioViews().portable);
  expect(await references(registry.augmentation('time-series'))).toEqual(seriesViews().portable);
});
