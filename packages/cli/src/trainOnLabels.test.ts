import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { unlabel } from './unlabelProcess';

const report = z.object({
  evaluation: z.array(
    z.object({ features: z.string(), figures: z.record(z.string(), z.object({ accuracy: z.number() })) }),
  ),
});

test('on real images, a pretrained encoder that is fine-tuned on few labels beats its own frozen features untrained', async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'unlabel-labels-'));
  const recipe = 'perClass: 20, draws: 2, epochs: 30, batchSize: 50, learningRate: 0.016';
  const views = 'views: { name: small-image, size: 24, views: 1, scale: [0.6, 1] }';
  const settings = [
    'data.range=[0, 2000]',
    'encoder.widths=[32, 64]',
    'encoder.stemWidth=16',
    'objective.projector=[256, 128]',
    'training.batchSize=64',
    'evaluation.bank={ range: [0, 2000] }',
    'evaluation.test={ range: [9000, 10000] }',
    `evaluation.evaluators=[{ name: few-shot, title: linear, perClass: 20, draws: 2 }, { name: fine-tune, title: tuned, ${recipe}, ${views} }, { name: supervised, title: scratch, ${recipe}, ${views} }]`,
    'evaluation.pixelSize=8',
    'evaluation.every=0',
    'report=false',
  ];
  const flags = settings.map((setting) => `--set=${setting}`);
  const { stdout, code } = await unlabel(['quickstart', '--epochs', '2', '--out', 'run', ...flags], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^raw pixels, 8 × 8 +\d\S* ± \S+ +– +–$/m);
  const { evaluation } = report.parse(JSON.parse(await readFile(join(cwd, 'run', 'report.json'), 'utf8')));
  const of = (features: string) => evaluation.find((row) => row.features === features)?.figures;
  const [untrained, trained] = [of('untrained encoder'), of('trained encoder')];
  expect(untrained).not.toHaveProperty('tuned');
  expect(trained?.tuned?.accuracy).toBeGreaterThan((untrained?.linear?.accuracy ?? 1) + 0.02);
  expect(trained?.scratch?.accuracy).toBeGreaterThan(0.5); // chance is 0.1
}, 150_000);
