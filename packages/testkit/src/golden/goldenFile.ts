import { UnlabelError } from '@unlabel/core';

/** A tensor of a golden file, in the float64 of the reference. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** Tensors by name; the elements of a list are `name.0`, `name.1`, … and a number is a tensor of shape `[]`. */
export type GoldenTensors = Readonly<Record<string, GoldenTensor>>;

/** How far a float32 implementation may be off; see {@link compareGolden} for what each applies to. */
export type GoldenTolerance = Readonly<Record<string, number>>;

/** One reference computation: where it comes from, what went in, what came out. */
export interface GoldenFile {
  readonly name: string;
  /** Repository, commit, file and function of the reference, and whatever else the file says about its origin. */ readonly source: Readonly<
    Record<string, string>
  >;
  readonly params: Readonly<Record<string, unknown>>;
  readonly inputs: GoldenTensors;
  readonly outputs: GoldenTensors;
  /** Gradients of `outputs.loss`, by input. */ readonly grads: GoldenTensors;
  /** The float32 tolerances. */ readonly tolerance: GoldenTolerance;
}

/** What the policy asks of float32 implementations where a file does not say. */
const defaultTolerance: GoldenTolerance = { loss_rtol: 1e-5, grad_rtol_of_max: 1e-4, outputs_rtol_of_max: 1e-5 };

/**
 * Reads one golden file.
 * @param text JSON with `name`, `source`, `params`, `inputs`, `outputs`, `grads` and `tolerance`, as the reference run wrote it
 * @throws UnlabelError `DATASET_CORRUPT` when it is not in that format
 */
export function parseGolden(text: string): GoldenFile {
  const file = record(JSON.parse(text), 'file');
  return {
    name: String(file.name),
    source: strings(record(file.source ?? {}, 'source')),
    params: record(file.params ?? {}, 'params'),
    inputs: tensors(file.inputs, 'inputs'),
    outputs: tensors(file.outputs, 'outputs'),
    grads: tensors(file.grads, 'grads'),
    tolerance: {
      ...defaultTolerance,
      ...numbers(record(record(file.tolerance ?? {}, 'tolerance').float32 ?? {}, 'float32')),
    },
  };
}

/** Reads one golden file from a folder: `golden/vicreg.json` beside a package's `src`. */
export async function readGolden(path: string | URL): Promise<GoldenFile> {
  const { readFile } = await import('node:fs/promises');
  return parseGolden(await readFile(path, 'utf8'));
}

/** Reads every golden file of a folder, sorted by name; `index.json` is a list of them and not one itself. */
export async function readGoldenFolder(folder: string): Promise<readonly GoldenFile[]> {
  return Promise.all((await goldenFilesIn(folder)).map(readGolden));
}

/** Paths of the golden files of a folder, as {@link readGoldenFolder} takes them. */
export async function goldenFilesIn(folder: string): Promise<readonly string[]> {
  const [{ readdir }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && name !== 'index.json').sort();
  return names.map((name) => join(folder, name));
}

function tensors(value: unknown, where: string): GoldenTensors {
  const entries = Object.entries(record(value ?? {}, where));
  return Object.fromEntries(entries.flatMap(([name, entry]) => named(name, entry)));
}

/** A number, a tensor, or a list of these. */
function named(name: string, value: unknown): [string, GoldenTensor][] {
  if (Array.isArray(value)) return value.flatMap((element: unknown, index) => named(`${name}.${index}`, element));
  if (isNumber(value)) return [[name, { shape: [], data: [Number(value)], dtype: 'float32' }]];
  const { shape, data, dtype } = record(value, name);
  const values = Array.isArray(data) ? data.map(Number) : [];
  const extents = Array.isArray(shape) ? shape.map(Number) : [];
  if (values.length !== extents.reduce((product, extent) => product * extent, 1)) {
    throw malformed(`${name} has ${values.length} values for the shape [${extents}].`);
  }
  return [
    [name, { shape: extents, data: values, dtype: dtype === 'int' ? 'int32' : dtype === 'bool' ? 'bool' : 'float32' }],
  ];
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value));
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw malformed(`'${where}' is not an object.`);
}

function strings(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value === null ? '' : String(value)]));
}

function numbers(values: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
}

function malformed(message: string): UnlabelError {
  return new UnlabelError('DATASET_CORRUPT', `Not a golden file: ${message}`);
}
