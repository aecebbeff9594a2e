import { type HostDtype, type TensorSpec, UnlabelError } from '@unlabel/core';
import type { GraphBuilder } from '../graph/builder';
import type { Lowered } from '../graph/lowered';

/** One call of a tfjs kernel: its tensors and its attributes, checked on reading. */
export interface KernelCall<T extends TensorSpec = TensorSpec> {
  readonly kernel: string;
  /** The tensor of that name. */ input(name: string): T;
  /** Whether a tensor of that name was given: some are optional. */ has(name: string): boolean;
  /** All tensors in order, for kernels that take a list. */ readonly inputs: readonly T[];
  number(attribute: string): number;
  /** A list of numbers; a single number gives a list of one. */ numbers(attribute: string): readonly number[];
  /** A list of pairs, such as paddings. */ pairs(attribute: string): readonly (readonly [number, number])[];
  flag(attribute: string): boolean;
  text(attribute: string): string;
  /** The attribute as tfjs passed it. */ attribute(name: string): unknown;
}

/** A call whose inputs stand in the graph already. */
export interface LoweringCall extends KernelCall<Lowered> {
  readonly builder: GraphBuilder;
  /** What `infer` said. */ readonly outputs: readonly TensorSpec[];
  /** The first of `outputs`. */ readonly output: TensorSpec;
}

/** What the backend knows about a tfjs kernel. */
export interface Kernel {
  /** Shapes and dtypes of the results, needed while the step is recorded. */
  infer(call: KernelCall): readonly TensorSpec[];
  /** The ONNX operators that compute it. */
  lower(call: LoweringCall): readonly Lowered[];
}

/** Kernels by the name that tfjs gives them. */
export type Kernels = Readonly<Record<string, Kernel>>;

/** Gives named access to the tensors and attributes of a call. */
export function kernelCall<T extends TensorSpec>(
  kernel: string,
  tensors: Readonly<Record<string, T | undefined>> | readonly T[],
  attributes: Readonly<Record<string, unknown>>,
): KernelCall<T> {
  const named: ReadonlyMap<string, T | undefined> = new Map(Object.entries(tensors));
  const wrong = (name: string, needed: string) =>
    new UnlabelError('CAPTURE_UNSUPPORTED_OP', `The attribute '${name}' of tfjs kernel ${kernel} is not ${needed}.`);
  const numbers = (name: string): readonly number[] => {
    const found = attributes[name];
    const list: readonly unknown[] = Array.isArray(found) || found instanceof Int32Array ? Array.from(found) : [found];
    return list.map((item) => {
      if (typeof item === 'number') return item;
      throw wrong(name, 'a list of numbers');
    });
  };
  return {
    kernel,
    inputs: [...named.values()].filter((tensor) => tensor !== undefined),
    input: (name) => {
      const tensor = named.get(name);
      if (tensor) return tensor;
      throw new UnlabelError('CAPTURE_UNSUPPORTED_OP', `tfjs kernel ${kernel} was called without '${name}'.`);
    },
    has: (name) => named.get(name) !== undefined,
    number: (name) => {
      const [first, ...others] = numbers(name);
      if (first === undefined || others.length > 0) throw wrong(name, 'a number');
      return first;
    },
    numbers,
    pairs: (name) => {
      const found = attributes[name];
      if (!Array.isArray(found)) throw wrong(name, 'a list of pairs');
      return found.map((pair: unknown) => {
        if (Array.isArray(pair) && typeof pair[0] === 'number' && typeof pair[1] === 'number')
          return [pair[0], pair[1]];
        throw wrong(name, 'a list of pairs');
      });
    },
    flag: (name) => attributes[name] === true,
    text: (name) => {
      const found = attributes[name];
      if (typeof found === 'string') return found;
      throw wrong(name, 'text');
    },
    attribute: (name) => attributes[name],
  };
}

/** The attribute as an element type that steps can hold. @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` */
export function dtypeAttribute(call: KernelCall, name: string): HostDtype {
  const dtype = call.attribute(name);
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new UnlabelError('CAPTURE_UNSUPPORTED_OP', `tfjs kernel ${call.kernel} makes a ${String(dtype)} tensor.`, {
    fix: 'Steps hold float32, int32 and bool.',
  });
}
