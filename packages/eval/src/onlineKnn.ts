import type { Callback, RunHandle } from '@unlabel/core';
import { drawInputs, embedLabelled, type LabelledInputs, requireEveryEpochs } from './labelledInputs';
import { stopwatch } from './stopwatch';
import { type WeightedKnnOptions, weightedKnn } from './weightedKnn';

export interface OnlineKnnOptions extends WeightedKnnOptions {
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
  requireEveryEpochs(everyEpochs);
  const bank = drawInputs('bank', options.bank, maxBank, seed);
  const test = drawInputs('test', options.test, maxTest, seed);
  const votes = { ...(k !== undefined && { k }), ...(temperature !== undefined && { temperature }) };
  let watch = stopwatch();
  const measure = async (step: number, run: RunHandle) => {
    const knn = await watch.time(async () => {
      const [bankFeatures, testFeatures] = [await embedLabelled(bank, run), await embedLabelled(test, run)];
      return weightedKnn(bankFeatures, testFeatures, votes).accuracy;
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
