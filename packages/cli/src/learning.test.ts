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
  'evaluation.bank={ range: [0, 4000] }',
  'evaluation.evaluators=[knn, rankme]',
  'evaluation.every=0',
  'evaluation.pixelSize=8',
];
const report = z.object({
  evaluation: z.array(
    z.object({
      features: z.string(),
      figures: z.object({ knn: z.object({ accuracy: z.number() }), rankme: z.object({ rankMe: z.number() }) }),
    }),
  ),
});
/** Where two epochs are too few. */
const epochsOf: Readonly<Record<string, number>> = { 'i-jepa': 5, byol: 4, simsiam: 8 };
/** Where 0.003 is too fast. */
const ratesOf: Readonly<Record<string, number>> = { simsiam: 0.001 };
/** Transformers with two networks, dear a step, that learn enough from 62 steps of 64 images: 3 points over each of three seeds. */
const quick = ['dinov2', 'ibot', 'vicregl'];
const briefly = ['training.epochs=1', 'training.batchSize=64', 'data.range=[0, 4000]'];
const objectives = (await loadRegistry()).definitions('objective');
const ofImages = objectives.filter(({ traits }) => (traits?.modality ?? 'image') === 'image');

test.each(ofImages)(
  '$name learns from real images: kNN beats the untrained encoder, and features keep their dimensions',
  async ({ name, traits }) => {
    const epochs = epochsOf[name] ?? 2;
    const comesWithRate = traits?.encoder === 'tokens' || traits?.learningRate !== undefined;
    const rate = comesWithRate ? [] : [`training.learningRate=${ratesOf[name] ?? 0.003}`];
    const out = await mkdtemp(join(tmpdir(), 'unlabel-learning-'));
    const budget = [`training.epochs=${epochs}`, ...settings, ...(quick.includes(name) ? briefly : [])];
    const assignments = [...rate, ...budget].flatMap((assignment) => ['--set', assignment]);
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
