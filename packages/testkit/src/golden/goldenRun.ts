import {
  type BackendSession,
  type HostTensor,
  type HostTensors,
  lossAndGradients,
  type NamedTensors,
  type Step,
  specsOf,
  tf,
  UnlabelError,
} from '@unlabel/core';
import { prefixed, unprefixed } from '../prefixed';
import type { GoldenFile, GoldenTensor } from './goldenFile';
import { type GoldenMapping, type GoldenResult, goldenCase } from './goldenMapping';

/** Plain values by output name, and gradients by input name. */
export interface GoldenRun {
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly grads: Readonly<Record<string, readonly number[]>>;
}

/** Runs a mapping on a file op by op, with gradients where the file has them. */
export function runGolden(mapping: GoldenMapping, file: GoldenFile): GoldenRun {
  let run: GoldenRun = { outputs: {}, grads: {} };
  tf.tidy(() => {
    const { results, grads } = compute(mapping, file, mapped(file.inputs, toTensor));
    run = { outputs: mapped(results, numbersOf), grads: mapped(grads, numbersOf) };
  });
  return run;
}

/**
 * Runs a mapping as a compiled step of a session: on backends that capture, as a graph with the file's inputs as inputs.
 * @returns nothing for a mapping that computes without tensors: there is no step in it
 */
export async function runGoldenOn(
  session: BackendSession,
  mapping: GoldenMapping,
  file: GoldenFile,
): Promise<GoldenRun | undefined> {
  let constants: GoldenRun['outputs'] = {};
  let tensors = true;
  const step: Step = ({ inputs }) => {
    const { results, grads } = compute(mapping, file, inputs);
    constants = mapped(constantsOf(results), numbersOf);
    const outputs = { ...prefixed('outputs/', tensorsOf(results)), ...prefixed('grads/', grads) };
    tensors = Object.keys(outputs).length > 0;
    if (!tensors) throw new Error('There is no step without tensors.');
    return { outputs };
  };
  const inputs = mapped(file.inputs, toHostTensor);
  try {
    const found = mapped(await runOnce(session, step, inputs), ({ data }) => Array.from(data, Number));
    return { outputs: { ...constants, ...unprefixed('outputs/', found) }, grads: unprefixed('grads/', found) };
  } catch (error) {
    if (tensors) throw error;
    return undefined;
  }
}

async function runOnce(session: BackendSession, step: Step, inputs: HostTensors): Promise<HostTensors> {
  const compiled = await session.compile(step, { inputs: specsOf(inputs), state: {} });
  const state = await session.createState({});
  try {
    return await compiled.run(state, inputs, ['golden']);
  } finally {
    compiled.dispose();
    state.dispose();
  }
}

type GoldenResults = Readonly<Record<string, GoldenResult>>;

function compute(
  mapping: GoldenMapping,
  file: GoldenFile,
  inputs: NamedTensors,
): { readonly results: GoldenResults; readonly grads: NamedTensors } {
  const golden = goldenCase(file, inputs);
  if (Object.keys(file.grads).length === 0) return { results: mapping.run(golden), grads: {} };
  let constants: GoldenResults = {};
  const { extra, gradients } = lossAndGradients(
    () => {
      const results = mapping.run(golden);
      constants = constantsOf(results);
      return { loss: scalarLoss(mapping, results), extra: tensorsOf(results) };
    },
    Object.fromEntries(Object.keys(file.grads).map((name) => [name, golden.tensor(name)])),
  );
  return { results: { ...constants, ...extra }, grads: gradients };
}

function tensorsOf(results: GoldenResults): Record<string, tf.Tensor> {
  const tensors = Object.entries(results).flatMap(([name, result]): [string, tf.Tensor][] =>
    result instanceof tf.Tensor ? [[name, result]] : [],
  );
  return Object.fromEntries(tensors);
}

function constantsOf(results: GoldenResults): GoldenResults {
  return Object.fromEntries(Object.entries(results).filter(([, result]) => !(result instanceof tf.Tensor)));
}

function scalarLoss(mapping: GoldenMapping, results: GoldenResults): tf.Scalar {
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

function toHostTensor({ data, shape, dtype }: GoldenTensor): HostTensor {
  if (dtype === 'int32') return { dtype, shape, data: Int32Array.from(data) };
  if (dtype === 'bool') return { dtype, shape, data: Uint8Array.from(data) };
  return { dtype, shape, data: Float32Array.from(data) };
}

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
