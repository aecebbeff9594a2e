import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingEvent } from '@unlabel/core';
import { expect, test } from 'vitest';
import { parseConfig } from './config/loadConfig';
import { loadRegistry } from './plugins/registry';
import { runConfig } from './run/runConfig';

const recipe = await readFile(new URL('recipes/fashion-mnist.yaml', import.meta.url), 'utf8');
const objectives = (await loadRegistry()).definitions('objective');

test.each(objectives)(
  '$name learns from real images without labels: kNN beats the untrained encoder, dimensions stay',
  async ({ name, small }) => {
    const events: TrainingEvent[] = [];
    const loaded = await parseConfig(recipe, 'recipe', {
      set: [
        `objective=${JSON.stringify({ name, ...(typeof small === 'object' ? small : {}) })}`,
        'evaluation={ bank: { range: [0, 4000] }, test: { range: [4000, 8000] }, evaluators: [knn], every: 0, pixelSize: 8 }',
        'training.batchSize=128',
        'training.learningRate=0.003',
        'training.epochs=4',
      ],
    });
    const out = await mkdtemp(join(tmpdir(), 'unlabel-learning-'));
    const { evaluation } = await runConfig(loaded, { out, onEvent: (event) => events.push(event) });
    const figure = (features: string, evaluator: string, key: string) =>
      evaluation.find((row) => row.features.startsWith(features))?.figures[evaluator]?.[key] ?? Number.NaN;
    expect(figure('trained', 'knn', 'accuracy')).toBeGreaterThan(figure('untrained', 'knn', 'accuracy') + 0.01);
    expect(events.flatMap((event) => (event.type === 'step' ? [event.projectionStd] : [])).at(-1)).toBeGreaterThan(0.3);
  },
  180_000,
);
