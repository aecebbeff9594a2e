// Trains every objective that learns from images, for a few epochs on a subset of Fashion-MNIST, and measures its encoder:
// npm run bench:methods. Figures are added to bench/methods.json one by one, so that a run that was ended goes on where it
// was, and `docs/methods.md` is made from that file by `npm run tables`. Needs a build and nothing else running.
//   -- --methods simclr,dino   these alone, measured again, with seed 0 or with as many as --seeds says
//   -- --best 6 --seeds 3      how many of the best by kNN to repeat, with how many seeds in all (the defaults)
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bestOf, percent } from './methodFigures.mjs';
import { root, run } from './process.mjs';

const { values } = parseArgs({
  options: {
    methods: { type: 'string' },
    best: { type: 'string', default: '6' },
    seeds: { type: 'string' },
  },
});

/** @typedef {import('./methodFigures.mjs').MethodFigures} MethodFigures */

const path = `${root}bench/methods.json`;
const command = 'node packages/cli/dist/main.js';
const settings = [
  'training.batchSize=128',
  'training.epochs=5',
  'evaluation.bank={ range: [0, 4000] }',
  'evaluation.evaluators=[knn, linear-probe, rankme]',
  'evaluation.every=0',
  'evaluation.pixelSize=8',
];
const rateOfResnet = 'training.learningRate=0.003'; // transformers and some methods come with their own

/** @type {MethodFigures[]} */
let figures = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
const methods = await imageMethods();
const chosen = values.methods?.split(',');
if (chosen) {
  for (const method of chosen.map(methodCalled)) {
    for (let seed = 0; seed < Number(values.seeds ?? 1); seed++) await measure(method, seed);
  }
} else {
  for (const method of methods) if (!measured(method, 0)) await measure(method, 0);
  for (const method of bestOf(methods, figures, Number(values.best)).map(methodCalled)) {
    for (let seed = 1; seed < Number(values.seeds ?? 3); seed++)
      if (!measured(method, seed)) await measure(method, seed);
  }
}

/** @typedef {{ name: string, traits?: import('../packages/core/src/index').ObjectiveTraits }} Method */

/** @returns {Promise<readonly Method[]>} */
async function imageMethods() {
  const { status, output } = await run(`${command} list objective --json`);
  if (status !== 0) throw new Error(output);
  /** @type {Method[]} */
  const definitions = JSON.parse(output);
  return definitions.filter(({ traits }) => (traits?.modality ?? 'image') === 'image');
}

/** @param {string} name @returns {Method} */
function methodCalled(name) {
  const method = methods.find((candidate) => candidate.name === name);
  if (method) return method;
  throw new Error(`No objective '${name}' learns from images. There are ${methods.map((one) => one.name).join(', ')}.`);
}

/** @param {Method} method @param {number} seed */
function measured({ name }, seed) {
  return figures.some((row) => row.method === name && row.seed === seed);
}

/** Trains one method in a process of its own and keeps its figures. @param {Method} method @param {number} seed */
async function measure({ name, traits }, seed) {
  const out = await mkdtemp(join(tmpdir(), 'unlabel-method-'));
  try {
    const comesWithRate = traits?.encoder === 'tokens' || traits?.learningRate !== undefined;
    const assignments = comesWithRate ? settings : [...settings, rateOfResnet];
    const set = assignments.map((assignment) => `--set '${assignment}'`).join(' ');
    const { status, output } = await run(
      `${command} quickstart --method ${name} --seed ${seed} --out ${out} --set report=false ${set}`,
    );
    if (status !== 0) throw new Error(`${name}: ${output}`);
    const row = await figuresOf(name, seed, out);
    figures = [...figures.filter((other) => other.method !== name || other.seed !== seed), row];
    figures.sort((a, b) => a.method.localeCompare(b.method) || a.seed - b.seed);
    writeFileSync(path, `${JSON.stringify(figures, undefined, 2)}\n`);
    const { knn, rankMe } = row.trained;
    const rise = `kNN ${percent(row.untrained.knn)} → ${percent(knn)}`;
    console.log(`${name}, seed ${seed}: ${row.seconds} s, ${rise}, RankMe ${rankMe}`);
  } finally {
    await rm(out, { recursive: true });
  }
}

/** @param {string} method @param {number} seed @param {string} out @returns {Promise<MethodFigures>} */
async function figuresOf(method, seed, out) {
  const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8'));
  /** @type {{ features: string, figures: Record<string, Record<string, number>> }[]} */
  const rows = report.evaluation;
  const of = (/** @type {string} */ features) => {
    const found = rows.find((row) => row.features === features)?.figures ?? {};
    return {
      knn: rounded(found.knn?.accuracy, 4),
      linear: rounded(found['linear-probe']?.accuracy, 4),
      rankMe: rounded(found.rankme?.rankMe, 1),
    };
  };
  return {
    method,
    seed,
    cores: cpus().length,
    steps: report.steps,
    seconds: rounded(report.trainingSeconds, 0),
    untrained: of('untrained encoder'),
    trained: of('trained encoder'),
  };
}

/** @param {number | undefined} value @param {number} digits */
function rounded(value, digits) {
  return Number((value ?? Number.NaN).toFixed(digits));
}
