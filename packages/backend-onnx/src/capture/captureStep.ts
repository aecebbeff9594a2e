import type { Step, StepSignature } from '@unlabel/core';
import { encodeModel } from '../emit/model';
import { batchLast } from '../graph/imageOrder';
import { optimise } from '../passes/optimise';
import { lowerRecording } from './lowerRecording';
import type { Recording } from './recording';
import { recordStep } from './recordStep';

/** A step as an ONNX model, and what the model must be fed. */
export interface CapturedStep {
  readonly recording: Recording;
  /** The bytes of the ONNX file; names are those of `graphName`. */ readonly model: Uint8Array;
}

/**
 * Captures a step: records it, lowers it to ONNX operators, optimises these and writes them down.
 * @throws UnlabelError as {@link recordStep} does
 */
export function captureStep(step: Step, signature: StepSignature): CapturedStep {
  const recording = recordStep(step, signature);
  return { recording, model: encodeModel(optimise(lowerRecording(recording, { contrib: true, images: batchLast }))) };
}
