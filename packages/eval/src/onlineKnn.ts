import { type Callback, type LabelledFeatures, type RunHandle, randomStream, UnlabelError } from '@unlabel/core';
import { stopwatch } from './stopwatch';
import { type WeightedKnnOptions, weightedKnn } from './weightedKnn';

/** Encoder inputs with labels; the labels only measure. */
export interface LabelledInputs {
  /** `[count, ...inputShape]`, row-major, preprocessed as in training. */ readonly inputs: Float32Array;
  readonly count: number;
  /** Class index per input. */ readonly labels: Int32Array;
  readonly classes: number;
}

export interface OnlineKnnOptions extends Omit<WeightedKnnOptions, 'allowOverlap'> {
  /** What the classifier knows. */ readonly bank: LabelledInputs;
  /** What it is scored on: for choosing anything by its figure, hold some training images out. */ readonly test: LabelledInputs;
  /** Epochs between measurements, ≥ 1 (default 1). */ readonly everyEpochs?: number;
  /** Bank inputs used at most, drawn at random once (default 2,000). */ readonly maxBank?: number;
  /** Test inputs used at most, drawn at random once (default 500). */ readonly maxTest?: number;
  /** Of the draws (default 0). */ readonly seed?: number;
}

/**
 * Watches the kNN accuracy of the encoder while it trains: before the first step of a new run, and after epochs. Emits
 * `report` events of source `online-knn` with `knn`, in [0, 1], and `timeShare`, the share of the run's time that this
 * callback has taken so far.
 * @throws UnlabelError `INVALID_OPTION`, `LABELS_MISMATCH`, `SHAPE_MISMATCH`
 */
export function onlineKnn(options: OnlineKnnOptions): Callback {
  const { everyEpochs = 1, maxBank = 2000, maxTest = 500, seed = 0, k, temperature } = options;
  if (!Number.isInteger(everyEpochs) || everyEpochs < 1) {
    throw new UnlabelError('INVALID_OPTION', `everyEpochs is ${everyEpochs}.`, { fix: 'Give a whole number from 1.' });
  }
  const bank = draw('bank', options.bank, maxBank, seed);
  const test = draw('test', options.test, maxTest, seed);
  const votes = { ...(k !== undefined && { k }), ...(temperature !== undefined && { temperature }) };
  let watch = stopwatch();
  const measure = async (step: number, run: RunHandle) => {
    const knn = await watch.time(async () => {
      const [bankFeatures, testFeatures] = [await embed(bank, run), await embed(test, run)];
      return weightedKnn(bankFeatures, testFeatures, { ...votes, allowOverlap: true }).accuracy;
    });
    run.emit({ type: 'report', step, source: 'online-knn', figures: { knn, timeShare: watch.share() } });
  };
  return {
    name: 'online-knn',
    onEvent: async (event, run) => {
      if (event.type === 'start') {
        watch = stopwatch();
        if (event.resumedFrom === 0) await measure(0, run);
      } else if (event.type === 'epoch' && (event.epoch + 1) % everyEpochs === 0) {
        await measure(event.step, run);
      }
    },
  };
}

async function embed(data: LabelledInputs, run: RunHandle): Promise<LabelledFeatures> {
  const { count, labels, classes } = data;
  const features = await run.embed(data.inputs, count);
  return { features, count, dim: run.encoder.outputDim, labels, classes };
}

/** At most `limit` of the inputs, chosen by the seed. */
function draw(name: string, data: LabelledInputs, limit: number, seed: number): LabelledInputs {
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
