import { type LabelledFeatures, type RunHandle, randomStream, UnlabelError } from '@unlabel/core';

/** Encoder inputs with labels; the labels only measure. */
export interface LabelledInputs {
  /** `[count, ...inputShape]`, row-major, preprocessed as in training. */ readonly inputs: Float32Array;
  readonly count: number;
  /** Class index per input. */ readonly labels: Int32Array;
  readonly classes: number;
}

/** Features of inputs by the present encoder of a run, with their labels. */
export async function embedLabelled(data: LabelledInputs, run: RunHandle): Promise<LabelledFeatures> {
  const { count, labels, classes } = data;
  const features = await run.embed(data.inputs, count);
  return { features, count, dim: run.encoder.outputDim, labels, classes };
}

/**
 * At most `limit` of the inputs, chosen by the seed.
 * @param name what to call them in messages
 * @throws UnlabelError `INVALID_OPTION`, `LABELS_MISMATCH`, `SHAPE_MISMATCH`
 */
export function drawInputs(name: string, data: LabelledInputs, limit: number, seed: number): LabelledInputs {
  const { inputs, count, labels, classes } = data;
  if (labels.length !== count || inputs.length % count !== 0) {
    throw new UnlabelError(
      labels.length !== count ? 'LABELS_MISMATCH' : 'SHAPE_MISMATCH',
      `${name} has ${count} samples, ${labels.length} labels and ${inputs.length} values.`,
      { fix: 'Give one label and one input of equal size per sample.' },
    );
  }
  if (!(limit >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `At most ${limit} of ${name} were asked for.`, {
      fix: 'Ask for 1 or more.',
    });
  }
  if (count <= limit) return data;
  const size = inputs.length / count;
  const chosen = randomStream([seed, 'online-knn', name]).permutation(count).subarray(0, limit);
  const values = new Float32Array(chosen.length * size);
  chosen.forEach((sample, position) => {
    values.set(inputs.subarray(sample * size, (sample + 1) * size), position * size);
  });
  return { inputs: values, count: chosen.length, labels: chosen.map((sample) => labels[sample] ?? 0), classes };
}

/** @throws UnlabelError `INVALID_OPTION` */
export function requireEveryEpochs(everyEpochs: number): void {
  if (Number.isInteger(everyEpochs) && everyEpochs >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `everyEpochs is ${everyEpochs}.`, { fix: 'Give a whole number from 1.' });
}
