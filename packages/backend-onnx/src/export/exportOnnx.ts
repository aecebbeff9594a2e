import {
  type Encoder,
  type HostTensors,
  layerContext,
  type Preprocessing,
  type Step,
  UnlabelError,
} from '@unlabel/core';
import { lowerRecording } from '../capture/lowerRecording';
import { recordStep } from '../capture/recordStep';
import { encodeModel } from '../emit/model';
import type { Graph } from '../graph/graph';
import { channelsFirst } from '../graph/imageOrder';
import { distinctOutputs } from '../passes/distinctOutputs';
import { optimisePortably } from '../passes/optimise';
import { dynamicBatch } from './dynamicBatch';

/** What is written beside an exported encoder. */
export interface ExportOnnxOptions {
  /** How pixels must be normalised; goes into the metadata as `mean` and `std`. */ readonly preprocessing?: Preprocessing;
  /** More metadata, such as `{ method: 'simclr' }`. */ readonly metadata?: Readonly<Record<string, string>>;
}

/** The names of an exported encoder's input and output. */
export const exportedNames = { input: 'input', output: 'features' } as const;

/**
 * Writes an encoder as an ONNX file of standard operators (opset 17): `input` `[batch, ...inputShape]` as the encoder
 * takes it, so images are channels-last, to `features` `[batch, outputDim]`. It is in evaluation mode, with running
 * statistics and weights inside, and takes any batch. Metadata: `encoder`, `input_shape`, `output_dim`, `mean`, `std`
 * (JSON), and what `metadata` adds.
 * @param weights the encoder's variables by their name relative to it, such as `stem/conv/kernel`
 * @throws UnlabelError `VARIABLE_MISSING`, `CAPTURE_UNSUPPORTED_OP`
 */
export function exportOnnx(encoder: Encoder, weights: HostTensors, options: ExportOnnxOptions = {}): Uint8Array {
  const { preprocessing, metadata = {} } = options;
  const graph = distinctOutputs(
    dynamicBatch({ graph: capture(encoder, weights, 2), batch: 2 }, { graph: capture(encoder, weights, 3), batch: 3 }),
  );
  return encodeModel(graph, {
    batchAxis: 'batch',
    metadata: {
      encoder: encoder.name,
      input_shape: JSON.stringify(encoder.inputShape),
      output_dim: String(encoder.outputDim),
      ...(preprocessing && { mean: JSON.stringify(preprocessing.mean), std: JSON.stringify(preprocessing.std) }),
      ...metadata,
    },
  });
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

/** The encoder's variables among the weights, or the error that names the missing one. */
export function encoderState(encoder: Encoder, weights: HostTensors): HostTensors {
  return Object.fromEntries(
    Object.keys(encoder.variables).map((name) => {
      const weight = weights[name];
      if (weight) return [name, weight];
      throw new UnlabelError('VARIABLE_MISSING', `The weights lack ${name} of the encoder '${encoder.name}'.`, {
        fix: 'Names are relative to the encoder: strip the `encoder/` of a checkpoint.',
      });
    }),
  );
}

function capture(encoder: Encoder, weights: HostTensors, batch: number): Graph {
  const state = encoderState(encoder, weights);
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
