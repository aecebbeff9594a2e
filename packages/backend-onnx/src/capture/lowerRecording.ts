import { type HostTensors, type TensorSpec, UnlabelError } from '@unlabel/core';
import { type BuilderOptions, type GraphBuilder, graphBuilder, scalarConstant } from '../graph/builder';
import { type Graph, type Origin, type Value, value } from '../graph/graph';
import { denseValue, type Lowered, plainly } from '../graph/lowered';
import { kernelCall } from '../lowerings/kernel';
import { kernels } from '../lowerings/kernels';
import { heldWithout } from './loweringChoices';
import type { Recorded, RecordedCall, RecordedConstant, Recording } from './recording';

/** How names of the step become names of the graph. */
export const graphName = {
  state: (name: string) => `state/${name}`,
  input: (name: string) => `input/${name}`,
  draw: (name: string) => `draw/${name}`,
  output: (name: string) => `output/${name}`,
  nextState: (name: string) => `next/${name}`,
} as const;

/** How to write a step down. */
export interface LoweringOptions extends BuilderOptions {
  /** Names of {@link loweringChoices} to do without (default none). */ readonly without?: readonly string[];
}

/**
 * Writes a recorded step as a graph of ONNX operators, one kernel after the other.
 * @param weights values of state entries that become constants of the graph, by name (default none)
 */
export function lowerRecording(recording: Recording, options: LoweringOptions, weights: HostTensors = {}): Graph {
  const { without = [], contrib, imageBlock = 1 } = options;
  const blocks = contrib && !without.includes('blockedImages');
  const builder = graphBuilder({ ...options, imageBlock: blocks ? imageBlock : 1 });
  const lowered = new Map<number, Lowered>();
  const draws = [...recording.draws].map(([name, { tensor }]) => [graphName.draw(name), tensor] as const);
  const bound = Object.entries(recording.state).filter(([name]) => !(name in weights));
  const inputs = [
    ...bound.map(([name, tensor]) => [graphName.state(name), tensor] as const),
    ...Object.entries(recording.inputs).map(([name, tensor]) => [graphName.input(name), tensor] as const),
    ...draws,
  ].map(([name, tensor]) => [name, bind(lowered, tensor)] as const);
  for (const [name, tensor] of Object.entries(recording.state)) {
    const { dtype, shape, data } = weights[name] ?? {};
    if (dtype && shape && data) lowered.set(tensor.index, plainly(value(dtype, shape, data), { dtype, shape }));
  }
  for (const [tensor, made] of recording.constants)
    lowered.set(tensor.index, constant(made, !without.includes('splats')));
  for (const call of recording.calls) lowerCall(builder.from(originOf(call)), lowered, call, without);
  const read = (name: (name: string) => string, tensors: Readonly<Record<string, Recorded>>) =>
    Object.entries(tensors).map(([key, tensor]) => [name(key), denseValue(builder, find(lowered, tensor))] as const);
  return {
    inputs: Object.fromEntries(inputs),
    nodes: builder.nodes,
    outputs: Object.fromEntries([
      ...read(graphName.output, recording.outputs),
      ...read(graphName.nextState, recording.nextState),
    ]),
  };
}

function bind(lowered: Map<number, Lowered>, tensor: Recorded): Value {
  const input = value(tensor.dtype, tensor.shape);
  lowered.set(tensor.index, plainly(input, tensor));
  return input;
}

/** @param splats whether constants that hold one number everywhere become that number */
function constant({ host, number }: RecordedConstant, splats: boolean): Lowered {
  const { dtype, shape, data } = host;
  const spec: TensorSpec = { dtype, shape };
  if (splats && number !== undefined) return plainly(scalarConstant(dtype, number), spec);
  return plainly(value(dtype, shape, data), spec);
}

function lowerCall(
  builder: GraphBuilder,
  lowered: Map<number, Lowered>,
  call: RecordedCall,
  without: readonly string[],
): void {
  const [first] = call.outputs;
  const kernel = kernels.get(call.kernel);
  if (!first || !kernel) return;
  const tensors = inputsOf(lowered, call);
  const results = kernel.lower({
    ...kernelCall(call.kernel, tensors, call.attributes),
    builder,
    outputs: call.outputs.map(specOf),
    output: specOf(first),
  });
  call.outputs.forEach((output, index) => {
    const result = results[index];
    if (result) lowered.set(output.index, heldWithout(builder, result, without));
  });
}

function originOf({ kernel, site }: RecordedCall): Origin {
  return site ? { kernel, site } : { kernel };
}

function inputsOf(
  lowered: Map<number, Lowered>,
  { inputs }: RecordedCall,
): Readonly<Record<string, Lowered>> | readonly Lowered[] {
  if (isList(inputs)) return inputs.map((tensor) => find(lowered, tensor));
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, find(lowered, tensor)]));
}

function isList(inputs: RecordedCall['inputs']): inputs is readonly Recorded[] {
  return Array.isArray(inputs);
}

function specOf({ shape, dtype }: TensorSpec): TensorSpec {
  return { shape, dtype };
}

function find(lowered: ReadonlyMap<number, Lowered>, tensor: Recorded): Lowered {
  const found = lowered.get(tensor.index);
  if (found) return found;
  throw new UnlabelError(
    'CAPTURE_UNDECLARED_TENSOR',
    `A tensor [${tensor.shape}] of the step was used before it was made.`,
  );
}
