import { type Step, type StepSignature, specsOf, type TensorSpec, type TensorSpecs, UnlabelError } from '@unlabel/core';
import { type CaptureOptions, captureStep } from '../capture/captureStep';
import type { Recorded, RecordedDraw } from '../capture/recording';
import { requireSpec } from './residentState';

/** A draw of randomness that a step is fed, float32. */
export interface StepDraw {
  readonly kind: RecordedDraw['kind'];
  readonly shape: readonly number[];
}

/** A captured step as plain data, which can be sent to another thread: a model and what it must be fed. */
export interface StepProgram<Outputs extends string = string> {
  /** The bytes of the ONNX file; names are those of `graphName`. */ readonly model: Uint8Array;
  /** Names of nodes that the provider must leave to the CPU. */ readonly lacking: readonly string[];
  readonly state: TensorSpecs;
  readonly inputs: TensorSpecs;
  readonly draws: Readonly<Record<string, StepDraw>>;
  readonly outputs: Readonly<Record<Outputs, TensorSpec>>;
  /** The state entries that the step changes. */ readonly nextState: readonly string[];
}

/**
 * Captures a step for a machine that runs models.
 * @throws UnlabelError as `captureStep` does; `VARIABLE_MISSING` and `SHAPE_MISMATCH` for state that does not keep its form
 */
export function stepProgram<Outputs extends string>(
  step: Step<Outputs>,
  signature: StepSignature,
  options: CaptureOptions = {},
): StepProgram<Outputs> {
  const { recording, model, lacking } = captureStep(step, signature, options);
  requireStateSpecs(recording.state, recording.nextState);
  const draws = [...recording.draws].map(([name, { kind, tensor }]) => [name, { kind, shape: tensor.shape }] as const);
  return {
    model,
    lacking,
    state: specsOf(recording.state),
    inputs: specsOf(recording.inputs),
    draws: Object.fromEntries(draws),
    outputs: specsOf(recording.outputs) as Record<Outputs, TensorSpec>, // the step's own output names
    nextState: Object.keys(recording.nextState),
  };
}

/** A step gives state back as it got it. */
function requireStateSpecs(state: Readonly<Record<string, Recorded>>, nextState: TensorSpecs): void {
  for (const [name, next] of Object.entries(nextState)) {
    const previous = state[name];
    if (!previous) {
      throw new UnlabelError(
        'VARIABLE_MISSING',
        `The step sets the state entry ${name}, which its signature does not list.`,
        { fix: `Known: ${Object.keys(state).slice(0, 8).join(', ')}.` },
      );
    }
    requireSpec(name, previous, next);
  }
}
