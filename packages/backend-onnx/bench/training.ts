import {
  adamw,
  type HostTensors,
  hostScalar,
  initialise,
  layerContext,
  lossAndGradients,
  type MicroBatch,
  type Step,
  type StepSignature,
  specsOf,
  tf,
  withMicroBatch,
} from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { microBatchBytes, type OnnxOptions, onnx } from '../src/onnx';
import { type PassName, passNames, requirePassNames } from '../src/passes/passNames';
import { countParameters, encoderOf, noise, trainable } from './models';
import { optimizerSettings, type Row } from './rows';
import type { Workload } from './workload';

/** A training step with all that it needs for its first run. */
export interface Training {
  readonly step: Step<'loss'>;
  readonly signature: StepSignature;
  readonly initial: HostTensors;
  readonly inputs: HostTensors;
  readonly parameters: number;
}

/** SimCLR on two views of noise, moved by AdamW at a constant rate. */
export function trainingOf(row: Row, microBatch: MicroBatch = 'auto'): Training {
  const encoder = withMicroBatch(encoderOf(row.encoder), microBatch, { microBatchBytes });
  const objective = simclr({ temperature: row.temperature, projector: row.projector }).bind(encoder);
  const parameters = trainable(objective.variables);
  const optimizer = adamw({ weightDecay: optimizerSettings.weightDecay });
  const slots = optimizer.slots(parameters);
  const step: Step<'loss'> = ({ state, inputs, random }) => {
    const { context, updates } = layerContext(subset(state, objective.variables), { training: true, random });
    const { loss, extra, gradients } = lossAndGradients(
      () => {
        const views = [entry(inputs, 'view0'), entry(inputs, 'view1')];
        return { loss: objective.loss({ views, tensors: {}, scalars: {} }, context).loss, extra: updates };
      },
      subset(state, parameters),
    );
    const moved = optimizer.update({
      parameters: subset(state, parameters),
      gradients,
      slots: subset(state, slots),
      learningRate: tf.reshape(entry(inputs, 'learningRate'), []),
      weightDecayScale: tf.scalar(1),
      step: tf.reshape(entry(inputs, 'step'), []),
    });
    return { outputs: { loss }, state: { ...extra, ...moved.parameters, ...moved.slots } };
  };
  const initial = initialise({ ...objective.variables, ...slots }, 0);
  const inputs = {
    view0: noise(row, 'view0'),
    view1: noise(row, 'view1'),
    learningRate: hostScalar(optimizerSettings.learningRate),
    step: hostScalar(0),
  };
  const signature = { state: specsOf(initial), inputs: specsOf(inputs) };
  return { step, signature, initial, inputs, parameters: countParameters(objective.variables) };
}

/** Compiles the step of a row with the ONNX backend. */
export async function trainingWorkload(row: Row, options: OnnxOptions, microBatch?: MicroBatch): Promise<Workload> {
  const { step, signature, initial, inputs, parameters } = trainingOf(row, microBatch);
  const session = await onnx(options).open();
  const state = await session.createState(initial);
  const started = performance.now();
  const compiled = await session.compile(step, signature);
  const startup = performance.now() - started;
  let index = 0;
  return {
    parameters,
    startup,
    tensors: { ...initial, ...inputs },
    run: async () => {
      const { loss } = await compiled.run(state, { ...inputs, step: hostScalar(index) }, [0, 'step', index]);
      index++;
      return loss.data[0] ?? Number.NaN;
    },
  };
}

/** What a comma-separated list leaves out: passes, and `microBatch`. @throws UnlabelError `UNKNOWN_NAME` */
export function leftOut(list: string): { readonly without: readonly PassName[]; readonly microBatch: MicroBatch } {
  const names = list.split(',').filter((name) => name !== '');
  const passes = names.filter((name) => name !== 'microBatch');
  requirePassNames(passes);
  const without = passNames.filter((name) => passes.includes(name));
  return { without, microBatch: names.includes('microBatch') ? false : 'auto' };
}

function subset<T>(record: Readonly<Record<string, T>>, names: Readonly<Record<string, unknown>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name in names));
}

function entry<T>(record: Readonly<Record<string, T>>, name: string): T {
  const found = record[name];
  if (found === undefined) throw new Error(`The step was run without '${name}'.`);
  return found;
}
