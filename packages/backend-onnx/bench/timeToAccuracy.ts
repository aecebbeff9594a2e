import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Labels } from '@unlabel/core';
import { linearProbe } from '@unlabel/eval';
import { fastestTorch } from './fastestTorch';
import { bankCount, imageFiles, openImages } from './images';
import { type Command, startProcess } from './lineProcess';
import { type Moment, moment } from './protocol';
import { recipe } from './recipe';
import { rows } from './rows';
import { findTorch, torchCommand } from './torch';

const usage = `Seconds of training until a linear probe of Fashion-MNIST's 10,000 images reaches an accuracy, here and in PyTorch.
Ours is what npm start trains; PyTorch trains a ResNet of strides 2-2-2 on crops of 28 pixels, in its fastest setting.
  --goal SHARE       accuracy to reach (default 0.84)
  --seeds N          runs of each side (default 1)
  --epochs N         of ours (default ${recipe.training.epochs}, as npm start)
  --torch-epochs N   of PyTorch's (default 12)
  --every N          epochs between probes (default 3); the clock stands still meanwhile
  --precision NAME   of PyTorch, float32 or bfloat16 (default: the faster)
  --whole            go on after the goal is reached
  --only SIDE        ours or torch
  --python FILE      the Python to look for PyTorch in
  --json FILE        save the figures`;

const { values } = parseArgs({
  options: {
    goal: { type: 'string', default: '0.84' },
    seeds: { type: 'string', default: '1' },
    epochs: { type: 'string', default: String(recipe.training.epochs) },
    'torch-epochs': { type: 'string', default: '12' },
    every: { type: 'string', default: '3' },
    precision: { type: 'string' },
    whole: { type: 'boolean', default: false },
    only: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const goal = Number(values.goal);

/** What a probe of a run found. */
interface Probe extends Moment {
  /** Of the test images, in [0, 1]. */ readonly accuracy: number;
}

/** One training run. */
interface Run {
  readonly side: string;
  readonly seed: number;
  readonly probes: readonly Probe[];
}

/** A way to start a run: with a seed, and a file to leave features in. */
type Side = (seed: number, features: string) => Command;

if (values.help) console.log(usage);
else await measure();

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
  const features = join(folder, 'features.f32');
  try {
    const { labels } = await openImages();
    if (!labels) throw new Error('The images have no labels.');
    const torch = values.only === 'ours' ? undefined : await torchSide();
    const sides = [...(values.only === 'torch' ? [] : [oursSide]), ...(torch ? [torch] : [])];
    console.log(
      `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} processors, Node ${process.version}`,
    );
    const runs: Run[] = [];
    for (let seed = 0; seed < Number(values.seeds); seed++) {
      for (const side of sides) runs.push(await trainingRun(side(seed, features), { seed, features, labels }));
    }
    for (const run of runs) console.log(summary(run));
    if (values.json)
      writeFileSync(resolve(process.env.INIT_CWD ?? '', values.json), JSON.stringify(runs, undefined, 2));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function oursSide(seed: number, features: string): Command {
  return {
    name: 'ours',
    file: process.execPath,
    args: [
      fileURLToPath(new URL('./quickstartRun.js', import.meta.url)),
      ...['--features', features, '--epochs', values.epochs, '--every', values.every],
      ...['--seed', String(seed), '--threads', String(availableParallelism())],
    ],
  };
}

async function torchSide(): Promise<Side | undefined> {
  const torch = await findTorch(values.python);
  if (!torch) console.log('No Python that can import torch was found: our side alone.');
  const precisions = rows['resnet-222'].precisions.filter((name) => name === (values.precision ?? name));
  const setting = torch && (await fastestTorch(torch, 'resnet-222', precisions));
  if (!setting) return undefined;
  return (seed, features) => {
    const { name, ...command } = torchCommand(torch, setting, 'quickstart_run.py', [
      ...['--row', JSON.stringify(rows['resnet-222']), '--images', imageFiles.images, '--bank', String(bankCount)],
      ...['--features', features, '--epochs', values['torch-epochs'], '--every', values.every, '--seed', String(seed)],
    ]);
    return { ...command, name: `${name}, ${setting.precision}` };
  };
}

/** Trains and probes in turns until the goal is reached, or to the end. */
async function trainingRun(
  command: Command,
  { seed, features, labels }: { readonly seed: number; readonly features: string; readonly labels: Labels },
): Promise<Run> {
  const { hear, say, close } = startProcess(command);
  const probes: Probe[] = [];
  try {
    for (let at = await hear(moment); at; at = await hear(moment)) {
      const probe = { ...at, accuracy: accuracyOf(readFileSync(features), at.dim, labels) };
      probes.push(probe);
      console.error(`${command.name}, seed ${seed}: ${described(probe)}`);
      if (probe.accuracy >= goal && !values.whole) break;
      say('go on');
    }
  } finally {
    close();
  }
  return { side: command.name, seed, probes };
}

/** Of a linear probe that knows the labels of the first images, on the others. */
function accuracyOf(file: Buffer, dim: number, { values, classes }: Labels): number {
  const features = new Float32Array(new Uint8Array(file).buffer);
  const part = (from: number, to: number) => ({
    features: features.subarray(from * dim, to * dim),
    dim,
    count: to - from,
    labels: values.slice(from, to),
    classes: classes.length,
  });
  return linearProbe(part(0, bankCount), part(bankCount, features.length / dim)).accuracy;
}

function summary({ side, seed, probes }: Run): string {
  const reached = probes.find(({ accuracy }) => accuracy >= goal);
  const best = Math.max(...probes.map(({ accuracy }) => accuracy));
  const outcome = reached ? described(reached) : `not reached; best ${(100 * best).toFixed(2)} %`;
  return `${side}, seed ${seed}: ${(100 * goal).toFixed(0)} % ${reached ? 'reached: ' : ''}${outcome}`;
}

function described({ epoch, seconds, processorSeconds, accuracy, loss, peakMegabytes }: Probe): string {
  const times = `${seconds.toFixed(1)} s, ${processorSeconds.toFixed(1)} s of processors`;
  const share = (100 * accuracy).toFixed(2);
  return `epoch ${epoch}, ${times}, ${share} %, loss ${loss.toFixed(3)}, ${peakMegabytes.toFixed(0)} MB`;
}
