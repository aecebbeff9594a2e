import { type NamedTensors, tf, UnlabelError } from '@unlabel/core';
import type { GoldenFile, GoldenTensor, GoldenTolerance } from './goldenFile';

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
  /** Instead of the file's own, such as for means of random draws. */ readonly tolerance?: GoldenTolerance;
  /**
   * Outputs by the file's names. `loss` is differentiated with respect to the inputs that the file has gradients for. Reads
   * no values of tensors, so that it can be captured.
   */
  run(golden: GoldenCase): Readonly<Record<string, GoldenResult>>;
}

/** A file whose inputs are these tensors. */
export function goldenCase(file: GoldenFile, inputs: NamedTensors): GoldenCase {
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

function present<T>(record: Readonly<Record<string, T>>, name: string): T {
  const value = record[name];
  if (value !== undefined) return value;
  throw new UnlabelError('VARIABLE_MISSING', `There is no '${name}' among ${Object.keys(record).join(', ')}.`);
}
