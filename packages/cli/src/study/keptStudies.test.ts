import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../config/loadConfig';
import { planStudy } from './studyPlan';
import { loadStudy } from './studySchema';

// The studies of the repository: they must stay what they say they are.
const root = fileURLToPath(new URL('../../../../studies/', import.meta.url));
const folders = readdirSync(root).filter((name) => existsSync(join(root, name, 'study.yaml')));

const results = z.object({
  title: z.string(),
  hypothesis: z.string(),
  quality: z.string(),
  combinations: z.array(
    z.object({ name: z.string(), runs: z.array(z.object({ seed: z.int(), state: z.literal('finished') })) }),
  ),
});

test('there are four', () => {
  expect(folders).toEqual(['collapse', 'criteria', 'labels', 'projector']);
});

describe.each(folders)('studies/%s', (name) => {
  const path = join(root, name, 'study.yaml');

  test('every setting of it is a config that parses, with names and options that exist', async () => {
    const study = await loadStudy(path);
    const base = join(dirname(path), study.base);
    const runs = planStudy(study).filter(({ seed }) => seed === study.seeds[0]);
    for (const { assignments } of runs) await loadConfig(base, { set: assignments });
  });

  test('its kept results are of these very settings and seeds, all of them finished', async () => {
    const study = await loadStudy(path);
    const kept = results.parse(JSON.parse(readFileSync(join(root, name, 'results.json'), 'utf8')));
    expect(kept).toMatchObject({ title: study.title, hypothesis: study.hypothesis, quality: study.quality });
    const planned = planStudy(study).map(({ combination, seed }) => `${combination.name}, seed ${seed}`);
    const run = kept.combinations.flatMap((combination) =>
      combination.runs.map(({ seed }) => `${combination.name}, seed ${seed}`),
    );
    expect(run.sort()).toEqual(planned.sort());
  });

  test('its README states hypothesis, protocol, seeds and findings, and shows the results', () => {
    const readme = readFileSync(join(root, name, 'README.md'), 'utf8');
    for (const part of ['Hypothesis', 'Protocol', 'Seeds', 'Found']) expect(readme).toContain(`**${part}.**`);
    expect(readme).toContain('](results.svg)');
  });
});
