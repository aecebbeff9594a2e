import { readFileSync, renameSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensors } from '@unlabel/core';
import type { Tensor } from 'onnxruntime-node';
import { z } from 'zod';
import { captureStep } from '../src/capture/captureStep';
import { graphName } from '../src/capture/lowerRecording';
import { imageBlockOf } from '../src/runtime/imageBlock';
import { loadOnnxRuntime, type OnnxRuntime, sessionOptions } from '../src/runtime/onnxRuntime';
import { toOnnx } from '../src/runtime/residentState';
import { type Row, type RowName, rows } from './rows';
import { leftOut, trainingOf } from './training';

/** What to profile. */
export interface ProfileOptions {
  /** After two that are not counted. */ readonly steps: number;
  readonly threads: number;
  /** Passes to leave out, comma-separated. */ readonly without: string | undefined;
  /** Gets ONNX Runtime's trace, for chrome://tracing. */ readonly file: string;
}

const shapes = z.array(z.record(z.string(), z.array(z.number())));
const event = z.object({
  cat: z.string(),
  name: z.string(),
  dur: z.number(),
  args: z.object({
    op_name: z.string().optional(),
    input_type_shape: shapes.optional(),
    output_type_shape: shapes.optional(),
  }),
});

/** One run of one node. */
interface NodeRun {
  readonly name: string;
  readonly op: string;
  readonly shapes: string;
  readonly milliseconds: number;
}

/** Where a training step's time goes: summed by operator, and the dearest nodes with their shapes. */
export async function profileRow(name: RowName, options: ProfileOptions): Promise<string> {
  const row: Row = rows[name];
  if (row.measures !== 'step') throw new Error(`${name} is no training step.`);
  const { without, microBatch } = leftOut(options.without ?? '');
  const { step, signature, initial, inputs } = trainingOf(row, microBatch);
  const runtime = await loadOnnxRuntime();
  const imageBlock = await imageBlockOf(runtime, { provider: 'cpu', threads: options.threads });
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-profile-'));
  const { model } = captureStep(step, signature, { without, imageBlock });
  const session = await runtime.InferenceSession.create(model, {
    ...sessionOptions(options.threads),
    enableProfiling: true,
    profileFilePrefix: join(folder, 'trace'),
  });
  const feeds = { ...named(runtime, graphName.state, initial), ...named(runtime, graphName.input, inputs) };
  for (let run = 0; run < options.steps + 2; run++) await session.run(feeds);
  session.endProfiling();
  const [trace] = await readdir(folder);
  if (!trace) throw new Error('ONNX Runtime wrote no profile.');
  const runs = nodeRuns(readFileSync(join(folder, trace), 'utf8'), options.steps + 2);
  renameSync(join(folder, trace), options.file);
  return report(runs, options.steps);
}

function named(runtime: OnnxRuntime, rename: (name: string) => string, tensors: HostTensors): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [rename(name), toOnnx(runtime, value)]));
}

/** The runs of all nodes, without those of the first two steps. */
function nodeRuns(trace: string, steps: number): readonly NodeRun[] {
  const all = z
    .array(z.looseObject({ cat: z.string() }))
    .parse(JSON.parse(trace))
    .filter(({ cat }) => cat === 'Node')
    .map((entry) => event.parse(entry))
    .filter((entry) => entry.name.endsWith('_kernel_time'))
    .map(({ name, dur, args }) => ({
      name: name.replace(/_kernel_time$/, ''),
      op: args.op_name ?? '?',
      shapes: `${shapeText(args.input_type_shape)} → ${shapeText(args.output_type_shape)}`,
      milliseconds: dur / 1000,
    }));
  return all.slice((2 * all.length) / steps);
}

function shapeText(list: z.infer<typeof shapes> = []): string {
  return list.flatMap((entry) => Object.values(entry).map((shape) => `[${shape}]`)).join(' ');
}

function report(runs: readonly NodeRun[], steps: number): string {
  const total = sum(runs);
  const line = (label: string, group: readonly NodeRun[]) =>
    `${(sum(group) / steps).toFixed(2).padStart(9)} ms ${((100 * sum(group)) / total).toFixed(1).padStart(5)} %  ${label}`;
  const byOp = [...grouped(runs, ({ op }) => op)].map(([op, group]) => line(`${op} × ${group.length / steps}`, group));
  const dearest = [...grouped(runs, ({ name }) => name)]
    .slice(0, 15)
    .map(([name, group]) => line(`${name}  ${group[0]?.shapes}`, group));
  return [`${(total / steps).toFixed(1)} ms a step in kernels`, '', ...byOp, '', ...dearest].join('\n');
}

/** Groups, the dearest first. */
function grouped(runs: readonly NodeRun[], key: (run: NodeRun) => string): ReadonlyMap<string, readonly NodeRun[]> {
  const groups = new Map<string, NodeRun[]>();
  for (const run of runs) {
    const group = groups.get(key(run));
    if (group) group.push(run);
    else groups.set(key(run), [run]);
  }
  return new Map([...groups].sort(([, a], [, b]) => sum(b) - sum(a)));
}

function sum(runs: readonly NodeRun[]): number {
  return runs.reduce((total, { milliseconds }) => total + milliseconds, 0);
}
