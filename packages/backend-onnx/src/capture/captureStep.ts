import type { Step, StepSignature } from '@unlabel/core';
import { encodeModel, nodeName } from '../emit/model';
import type { GraphNode } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { optimise } from '../passes/optimise';
import type { Target } from '../passes/pass';
import type { PassName } from '../passes/passNames';
import { lowerRecording } from './lowerRecording';
import type { Recording } from './recording';
import { recordStep } from './recordStep';

/** A step as an ONNX model, and what the model must be fed. */
export interface CapturedStep {
  readonly recording: Recording;
  /** The bytes of the ONNX file; names are those of `graphName`. */ readonly model: Uint8Array;
  /** Names of the nodes that `lacks` is about. */ readonly lacking: readonly string[];
}

/** How a step is compiled. */
export interface CaptureOptions extends Partial<Target> {
  /** Passes to leave out (default none). */ readonly without?: readonly PassName[];
  /** Whether to keep to operators of the ONNX standard (default no: those of ONNX Runtime's CPU provider, too). */
  readonly portable?: boolean;
  /** Which nodes the provider cannot run, though it says that it can (default none). */
  readonly lacks?: (node: GraphNode) => boolean;
}

/**
 * Captures a step: records it, lowers it to ONNX operators, optimises these and writes them down.
 * @throws UnlabelError as {@link recordStep} does
 */
export function captureStep(step: Step, signature: StepSignature, options: CaptureOptions = {}): CapturedStep {
  const { without = [], portable = false, imageBlock = 1, lacks = () => false } = options;
  const recording = recordStep(step, signature);
  const graph = lowerRecording(recording, { contrib: !portable, images: batchLast, imageBlock, without });
  const optimised = optimise(graph, { without, portable, imageBlock });
  const lacking = optimised.nodes.flatMap((node, index) => (lacks(node) ? [nodeName(node, index)] : []));
  return { recording, model: encodeModel(optimised), lacking };
}
