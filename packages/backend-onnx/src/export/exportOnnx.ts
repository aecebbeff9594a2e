import { type Encoder, type HostTensors, layerContext, type Step, UnlabelError } from '@unlabel/core';
import { lowerRecording } from '../capture/lowerRecording';
import { recordStep } from '../capture/recordStep';
import { encodeModel } from '../emit/model';
import { irVersionOf } from '../emit/opset';
import { sameShape } from '../graph/builder';
import type { Graph } from '../graph/graph';
import { channelsFirst } from '../graph/imageOrder';
import { distinctOutputs } from '../passes/distinctOutputs';
import { optimisePortably } from '../passes/optimise';
import { dynamicBatch } from './dynamicBatch';
import { type EncoderFacts, encoderMetadata } from './metadata';

/** How an encoder is written, and what the file says about it. */
export interface ExportOnnxOptions extends EncoderFacts {
  /** Whether the file takes any batch (default true); otherwise it takes batches of `batchSize`, as some compilers want it. */
  readonly dynamicBatch?: boolean;
  /** The only batch of a file that is not dynamic (default 1). */ readonly batchSize?: number;
  /** Version of ONNX's operators, 17 … 21 (default 17, which most runtimes read). */ readonly opset?: number;
}

/** The names of an exported encoder's input and output. */
export const exportedNames = { input: 'input', output: 'features' } as const;

/**
 * Writes an encoder as an ONNX file of standard operators: `input` `[batch, ...inputShape]` as the encoder takes it, so
 * images are channels-last, to `features` `[batch, outputDim]`. It is in evaluation mode, with running statistics and
 * weights inside. The same weights and options give the same bytes; the README lists the metadata.
 * @param weights the encoder's variables by their name relative to it, such as `stem/conv/kernel`
 * @throws UnlabelError `VARIABLE_MISSING`, `SHAPE_MISMATCH`, `CAPTURE_UNSUPPORTED_OP`, `INVALID_OPTION`,
 * `DUPLICATE_NAME`, `MODEL_TOO_LARGE`
 */
export function exportOnnx(encoder: Encoder, weights: HostTensors, options: ExportOnnxOptions = {}): Uint8Array {
  const { dynamicBatch: dynamic = true, batchSize, opset, ...facts } = options;
  requireBatchSize(dynamic, batchSize);
  if (opset !== undefined) irVersionOf(opset); // before the work
  const metadata = encoderMetadata(encoder, facts);
  const state = encoderState(encoder, weights);
  const at = (batch: number) => ({ graph: capture(encoder, state, batch), batch });
  const graph = dynamic ? dynamicBatch(at(2), at(3)) : at(batchSize ?? 1).graph;
  return encodeModel(distinctOutputs(graph), {
    description: describe(encoder, facts),
    metadata,
    ...(opset !== undefined && { opset }),
    ...(dynamic && { batchAxis: 'batch' }),
  });
}

function requireBatchSize(dynamic: boolean, batchSize: number | undefined): void {
  if (batchSize === undefined) return;
  if (dynamic) {
    const fix = 'Leave it out, or set dynamicBatch to false.';
    throw new UnlabelError('INVALID_OPTION', `batchSize is ${batchSize}, but the file takes any batch.`, { fix });
  }
  if (Number.isInteger(batchSize) && batchSize >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `batchSize is ${batchSize}.`, { fix: 'Give a whole number from 1.' });
}

/** The file in a sentence. */
function describe({ name, inputShape, outputDim }: Encoder, { method }: EncoderFacts): string {
  const trained = method === undefined ? '' : ` trained with ${method}`;
  return `Encoder ${name}${trained}: input [batch, ${inputShape.join(', ')}], features [batch, ${outputDim}].`;
}

/** The encoder in evaluation mode, as a step of one input and one output. */
export function encodeStep(encoder: Encoder): Step<'features'> {
  return ({ state, inputs, random }) => {
    const { context } = layerContext(state, { training: false, random });
    const { input } = inputs;
    if (!input) throw new UnlabelError('VARIABLE_MISSING', 'The encoder was run without an input.');
    return { outputs: { features: encoder.apply(input, context) } };
  };
}

/** The encoder's variables among the weights, or the error that names the one that is missing or of another shape. */
export function encoderState(encoder: Encoder, weights: HostTensors): HostTensors {
  const named = Object.entries(encoder.variables).map(([name, { shape }]) => {
    const weight = weights[name];
    if (!weight) {
      throw new UnlabelError('VARIABLE_MISSING', `The weights lack ${name} of the encoder '${encoder.name}'.`, {
        fix: 'Names are relative to the encoder: strip the `encoder/` of a checkpoint.',
      });
    }
    if (!sameShape(weight.shape, shape)) {
      const message = `The weights hold ${name} as [${weight.shape}], but the encoder '${encoder.name}' has it as [${shape}].`;
      throw new UnlabelError('SHAPE_MISMATCH', message, {
        fix: 'Build the encoder with the options it was trained with.',
      });
    }
    return [name, weight] as const;
  });
  return Object.fromEntries(named);
}

function capture(encoder: Encoder, state: HostTensors, batch: number): Graph {
  const input = { dtype: 'float32', shape: [batch, ...encoder.inputShape] } as const;
  const recording = recordStep(encodeStep(encoder), { state, inputs: { input } });
  const { nodes, inputs, outputs } = lowerRecording(recording, { contrib: false, images: channelsFirst }, state);
  return optimisePortably({
    nodes,
    inputs: renamed(inputs, exportedNames.input),
    outputs: renamed(outputs, exportedNames.output),
  });
}

/** The only entry under another name. */
function renamed(values: Graph['inputs'], name: string): Graph['inputs'] {
  return Object.fromEntries(Object.values(values).map((only) => [name, only]));
}
