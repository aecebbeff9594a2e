import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from './config/loadConfig';
import { methodAssignments } from './config/methodAssignments';
import { loadRegistry } from './plugins/registry';
import { runConfig } from './run/runConfig';

const recipe = await readFile(new URL('recipes/fashion-mnist.yaml', import.meta.url), 'utf8');
const objectives = (await loadRegistry()).definitions('objective');
const ofImages = objectives.filter(({ traits }) => (traits?.modality ?? 'image') === 'image');

test.each(ofImages)(
  '$name learns from real images: kNN beats the untrained encoder, and features keep their dimensions',
  async (definition) => {
    const loaded = await parseConfig(recipe, 'recipe', {
      set: [
        'training.learningRate=0.003',
        ...methodAssignments(definition),
        'evaluation={ bank: { range: [0, 4000] }, test: { range: [8000, 10000] }, evaluators: [knn, rankme], every: 0, pixelSize: 8 }',
        'training.batchSize=128',
        'training.epochs=3',
      ],
    });
    const out = await mkdtemp(join(tmpdir(), 'unlabel-learning-'));
    const { evaluation } = await runConfig(loaded, { out });
    const figure = (features: string, evaluator: string, key: string) =>
      evaluation.find((row) => row.features.startsWith(features))?.figures[evaluator]?.[key] ?? Number.NaN;
    expect(figure('trained', 'knn', 'accuracy')).toBeGreaterThan(figure('untrained', 'knn', 'accuracy') + 0.01);
    expect(figure('trained', 'rankme', 'rankMe')).toBeGreaterThan(10);
  },
  300_000,
);
