import type { BackendSession } from '@unlabel/core';
import type { GoldenFile, GoldenTensor, GoldenTolerance } from './goldenFile';
import type { GoldenMapping } from './goldenMapping';
import { type GoldenRun, runGolden, runGoldenOn } from './goldenRun';

/** One quantity of a golden file against ours. */
export interface GoldenComparison {
  /** `loss`, an output's name, or `d loss / d input`. */ readonly quantity: string;
  /** Largest difference over all elements. */ readonly error: number;
  /** Largest difference allowed. */ readonly allowed: number;
}

/** What became of one golden file. */
export interface GoldenReport {
  readonly file: string;
  /** `'no tensors'`: there is nothing in it that a backend would compute. */
  readonly status: 'pass' | 'fail' | 'no mapping' | 'no tensors';
  /** The function under test, where one is mapped. */ readonly mapping?: string;
  /** The comparison nearest to (or furthest beyond) its tolerance. */ readonly worst?: GoldenComparison;
  /** Outputs of the reference that the function under test does not give. */ readonly notCompared: readonly string[];
  /** Why it failed, where that is not a difference. */ readonly problem?: string;
}

/** Runs the first mapping that matches a file and compares all it gives. Never throws: an error is a failure that says why. */
export function checkGolden(file: GoldenFile, mappings: readonly GoldenMapping[]): GoldenReport {
  const mapping = mappings.find((candidate) => candidate.matches(file));
  if (!mapping) return { file: file.name, status: 'no mapping', notCompared: [] };
  try {
    return reportOf(file, mapping, runGolden(mapping, file));
  } catch (error) {
    return failure(file, mapping, error);
  }
}

/** {@link checkGolden} of what a session's backend makes of it: captured, where the backend captures. */
export async function checkGoldenOn(
  session: BackendSession,
  file: GoldenFile,
  mappings: readonly GoldenMapping[],
): Promise<GoldenReport> {
  const mapping = mappings.find((candidate) => candidate.matches(file));
  if (!mapping) return { file: file.name, status: 'no mapping', notCompared: [] };
  try {
    const run = await runGoldenOn(session, mapping, file);
    if (run) return reportOf(file, mapping, run);
    return { file: file.name, mapping: mapping.name, status: 'no tensors', notCompared: Object.keys(file.outputs) };
  } catch (error) {
    return failure(file, mapping, error);
  }
}

function reportOf(file: GoldenFile, mapping: GoldenMapping, run: GoldenRun): GoldenReport {
  const { tolerance = file.tolerance } = mapping;
  const comparisons = compareGolden({ ...file, tolerance }, run);
  const notCompared = Object.keys(file.outputs).filter((name) => !(name in run.outputs));
  const [worst] = comparisons.toSorted((a, b) => ratio(b) - ratio(a));
  if (!worst) return { ...failure(file, mapping, 'nothing was compared'), notCompared };
  const status = ratio(worst) <= 1 ? 'pass' : 'fail';
  return { file: file.name, mapping: mapping.name, status, worst, notCompared };
}

function failure(file: GoldenFile, mapping: GoldenMapping, error: unknown): GoldenReport {
  const problem = error instanceof Error ? error.message : String(error);
  return { file: file.name, mapping: mapping.name, status: 'fail', notCompared: [], problem };
}

/** For tests: {@link checkGolden} that throws its line of the table unless the file passes. */
export function assertGolden(file: GoldenFile, mappings: readonly GoldenMapping[]): void {
  const report = checkGolden(file, mappings);
  if (report.status !== 'pass') throw new Error(goldenTable([report]));
}

/**
 * Compares outputs and gradients with the file's float32 tolerances: `loss_rtol`·|loss| + 1e-6 or `loss_abs` for `loss`
 * and `losses`; `grad_rtol_of_max`·max|gradient| + 1e-7 or `grad_abs` for gradients; `param_rtol_of_max`·max for
 * `…_final` outputs; `outputs_rtol_of_max`·max + 1e-7, or `atol`, or `rtol`·max for the others.
 */
export function compareGolden(file: GoldenFile, run: GoldenRun): readonly GoldenComparison[] {
  const outputs = Object.entries(file.outputs).flatMap(([name, expected]) => {
    const actual = run.outputs[name];
    return actual ? [compare(name, actual, expected, allowedOutput(name, expected, file.tolerance))] : [];
  });
  const grads = Object.entries(file.grads).map(([name, expected]) =>
    compare(`d loss / d ${name}`, run.grads[name] ?? [], expected, allowedGradient(expected, file.tolerance)),
  );
  return [...outputs, ...grads];
}

/** The reports as text, a line each, followed by the totals. */
export function goldenTable(reports: readonly GoldenReport[]): string {
  const width = Math.max(4, ...reports.map(({ file }) => file.length));
  const lines = reports.map((report) =>
    [report.file.padEnd(width), report.status.padEnd(10), report.mapping ?? '', detail(report)].join('  ').trimEnd(),
  );
  const count = (status: GoldenReport['status']) => reports.filter((report) => report.status === status).length;
  const others = count('no tensors') > 0 ? `, ${count('no tensors')} no tensors` : '';
  const totals = `${count('pass')} pass, ${count('fail')} fail, ${count('no mapping')} no mapping${others}`;
  return [...lines, totals].join('\n');
}

function detail({ worst, problem, notCompared }: GoldenReport): string {
  const found = worst
    ? `${worst.quantity} off by ${worst.error.toExponential(1)} of ${worst.allowed.toExponential(1)}`
    : problem;
  return [found, notCompared.length > 0 ? `not compared: ${notCompared.join(', ')}` : ''].filter(Boolean).join('; ');
}

function compare(
  quantity: string,
  actual: readonly number[],
  expected: GoldenTensor,
  allowed: number,
): GoldenComparison {
  if (actual.length !== expected.data.length) return { quantity, error: Number.POSITIVE_INFINITY, allowed };
  const differences = expected.data.map((value, index) => difference(value, actual[index] ?? Number.NaN));
  return { quantity, error: Math.max(0, ...differences), allowed };
}

/** Equal infinities and NaNs agree; a NaN where a number should be is infinitely wrong. */
function difference(expected: number, actual: number): number {
  if (Object.is(expected, actual)) return 0;
  const distance = Math.abs(expected - actual);
  return Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
}

function allowedOutput(name: string, expected: GoldenTensor, tolerance: GoldenTolerance): number {
  const most = largest(expected);
  const { loss_rtol = 0, loss_abs = 0, outputs_rtol_of_max = 0, param_rtol_of_max = 0, rtol = 0, atol = 0 } = tolerance;
  if (name === 'loss' || name === 'losses') return Math.max(loss_rtol * most + 1e-6, loss_abs);
  if (name.endsWith('_final')) return Math.max(param_rtol_of_max, outputs_rtol_of_max) * most + 1e-7;
  return Math.max(outputs_rtol_of_max * most + 1e-7, rtol * most, atol);
}

function allowedGradient(expected: GoldenTensor, { grad_rtol_of_max = 0, grad_abs = 0 }: GoldenTolerance): number {
  return Math.max(grad_rtol_of_max * largest(expected) + 1e-7, grad_abs);
}

function largest({ data }: GoldenTensor): number {
  return Math.max(0, ...data.filter(Number.isFinite).map(Math.abs));
}

function ratio({ error, allowed }: GoldenComparison): number {
  return error === 0 ? 0 : error / allowed;
}
