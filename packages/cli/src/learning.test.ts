import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadRegistry } from './plugins/registry';

/** The built command: its threads make views and run steps as a user's do, twice as fast as sources under the test runner. */
const command = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const settings = [
  'report=false',
  'training.batchSize=128',
  'evaluation={ bank: { range: [0, 4000] }, test: { range: [8000, 10000] }, evaluators: [knn, rankme], every: 0, pixelSize: 8 }',
];
const report = z.object({
  evaluation: z.array(
    z.object({
      features: z.string(),
      figures: z.object({ knn: z.object({ accuracy: z.number() }), rankme: z.object({ rankMe: z.number() }) }),
    }),
  ),
});
/** Methods of images that a run as short as these does not show to learn, and what it shows. */
const slow: Readonly<Record<string, string>> = {
  'i-jepa': 'kNN stays below the untrained transformer’s, though a linear classifier gains',
};
/** Where two epochs at the common rate, 0.003, are too few or the rate too high; transformers come with their own rate. */
const schedules: Readonly<Record<string, { readonly epochs: number; readonly rate: number }>> = {
  dino: { epochs: 2, rate: 0.001 },
  simsiam: { epochs: 4, rate: 0.001 },
};
const objectives = (await loadRegistry()).definitions('objective');
const ofImages = objectives.filter(({ traits }) => (traits?.modality ?? 'image') === 'image');

test.for(ofImages.filter(({ name }) => name in slow))('$name learns from real images', ({ name }, { skip }) => {
  skip(slow[name]);
});

test.each(ofImages.filter(({ name }) => !(name in slow)))(
  '$name learns from real images: kNN beats the untrained encoder, and features keep their dimensions',
  async ({ name, traits }) => {
    const { epochs, rate } = schedules[name] ?? { epochs: 2, rate: 0.003 };
    const ownRate = traits?.encoder === 'tokens' ? [] : [`training.learningRate=${rate}`];
    const out = await mkdtemp(join(tmpdir(), 'unlabel-learning-'));
    const assignments = [...ownRate, `training.epochs=${epochs}`, ...settings].flatMap((assignment) => [
      '--set',
      assignment,
    ]);
    await promisify(execFile)(process.execPath, [
      command,
      'quickstart',
      '--method',
      name,
      '--out',
      out,
      ...assignments,
    ]);
    const { evaluation } = report.parse(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    const figuresOf = (encoder: string) => evaluation.find(({ features }) => features.startsWith(encoder))?.figures;
    const [untrained, trained] = [figuresOf('untrained'), figuresOf('trained')];
    expect(trained?.knn.accuracy).toBeGreaterThan((untrained?.knn.accuracy ?? Number.NaN) + 0.01);
    // Small transformers begin below 10, and must not fall.
    expect(trained?.rankme.rankMe).toBeGreaterThan(Math.min(10, untrained?.rankme.rankMe ?? Number.NaN));
    await rm(out, { recursive: true });
  },
  300_000,
);
