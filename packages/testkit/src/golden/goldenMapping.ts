import { lossAndGradients, type NamedTensors, tf, UnlabelError } from '@unlabel/core';
import type { GoldenFile, GoldenTensor } from './goldenFile';

/** Typed access to a golden file's inputs and parameters, for the code under test. */
export interface GoldenCase {
  readonly file: GoldenFile;
  has(input: string): boolean;
  /** An input. @throws UnlabelError `VARIABLE_MISSING` */
  tensor(input: string): tf.Tensor;
  /** An input `[rows, columns]`. @throws UnlabelError `VARIABLE_MISSING` */
  matrix(input: string): tf.Tensor2D;
  /** The elements of a list input, each `[rows, columns]`; empty when there is none of that name. */
  matrices(input: string): tf.Tensor2D[];
  /** An input's values. @throws UnlabelError `VARIABLE_MISSING` */
  values(input: string): GoldenTensor;
  /** A numeric parameter, or `otherwise` where the file has none. @throws UnlabelError `VARIABLE_MISSING` */
  number(param: string, otherwise?: number): number;
  /** The number that follows a word in a textual parameter: `numberAfter('optimizer', 'wd')` of `'SGD wd 1e-4'`. */
  numberAfter(param: string, word: string): number;
  /** A list of numbers among the parameters. @throws UnlabelError `VARIABLE_MISSING` */
  numbers(param: string): readonly number[];
}

/** What the code under test gives for one output. */
export type GoldenResult = tf.Tensor | number | ArrayLike<number>;

/** Which golden files a function of ours is compared with, and how it is called for them. */
export interface GoldenMapping {
  /** The function under test. */ readonly name: string;
  /** Whether a file pins it, judged by source, params and the names of its tensors; never by the file's own name. */
  matches(file: GoldenFile): boolean;
  /** Outputs by the file's names. `loss` is differentiated with respect to the inputs that the file has gradients for. */
  run(golden: GoldenCase): Readonly<Record<string, GoldenResult>>;
}

/** Plain values by output name, and gradients by input name. */
export interface GoldenRun {
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly grads: Readonly<Record<string, readonly number[]>>;
}

/** Runs a mapping on a file, with gradients where the file has them. */
export function runGolden(mapping: GoldenMapping, file: GoldenFile): GoldenRun {
  let run: GoldenRun = { outputs: {}, grads: {} };
  tf.tidy(() => {
    const inputs = mapped(file.inputs, toTensor);
    const wanted = Object.keys(file.grads);
    run = wanted.length > 0 ? differentiate(mapping, file, inputs) : evaluate(mapping, file, inputs);
  });
  return run;
}

function evaluate(mapping: GoldenMapping, file: GoldenFile, inputs: NamedTensors): GoldenRun {
  return { outputs: mapped(mapping.run(goldenCase(file, inputs)), numbersOf), grads: {} };
}

function differentiate(mapping: GoldenMapping, file: GoldenFile, inputs: NamedTensors): GoldenRun {
  let outputs: GoldenRun['outputs'] = {};
  const { gradients } = lossAndGradients(
    () => {
      const results = mapping.run(goldenCase(file, inputs));
      outputs = mapped(results, numbersOf);
      return { loss: scalarLoss(mapping, results), extra: {} };
    },
    mapped(file.grads, (_, name) => present(inputs, name)),
  );
  return { outputs, grads: mapped(gradients, numbersOf) };
}

function goldenCase(file: GoldenFile, inputs: NamedTensors): GoldenCase {
  const tensor = (input: string) => present(inputs, input);
  const matrix = (input: string): tf.Tensor2D => tf.reshape(tensor(input), [tensor(input).shape[0] ?? 1, -1]);
  return {
    file,
    has: (input) => input in inputs,
    tensor,
    matrix,
    matrices: (input) =>
      Object.keys(inputs)
        .filter((name) => name.startsWith(`${input}.`))
        .map(matrix),
    values: (input) => present(file.inputs, input),
    number: (param, otherwise) => {
      const value = file.params[param] ?? otherwise;
      if (typeof value === 'number') return value;
      throw new UnlabelError('VARIABLE_MISSING', `${file.name} has no number params.${param}.`);
    },
    numberAfter: (param, word) => {
      const found = new RegExp(`\\b${word}[ =]+([-+.\\de]+)`).exec(String(file.params[param]));
      if (found) return Number(found[1]);
      throw new UnlabelError('VARIABLE_MISSING', `${file.name} has no '${word} <number>' in params.${param}.`);
    },
    numbers: (param) => {
      const value = file.params[param];
      if (Array.isArray(value)) return value.map(Number);
      throw new UnlabelError('VARIABLE_MISSING', `${file.name} has no list params.${param}.`);
    },
  };
}

function scalarLoss(mapping: GoldenMapping, results: Readonly<Record<string, GoldenResult>>): tf.Scalar {
  const { loss } = results;
  if (loss instanceof tf.Tensor) return tf.reshape(loss, []);
  throw new UnlabelError('VARIABLE_MISSING', `The mapping '${mapping.name}' gives no loss to differentiate.`);
}

function numbersOf(result: GoldenResult): readonly number[] {
  if (typeof result === 'number') return [result];
  return Array.from(result instanceof tf.Tensor ? result.dataSync() : result);
}

function toTensor({ data, shape, dtype }: GoldenTensor): tf.Tensor {
  return tf.tensor([...data], [...shape], dtype);
}

function present<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name];
  if (value !== undefined) return value;
  throw new UnlabelError('VARIABLE_MISSING', `There is no '${name}' among ${Object.keys(record).join(', ')}.`);
}

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
