import { type Callback, type RunHandle, UnlabelError } from '@unlabel/core';
import { top1Accuracy } from './accuracy';
import { requireBankAndTest } from './features';
import { drawInputs, embedLabelled, type LabelledInputs, requireEveryEpochs } from './labelledInputs';
import { classify, type LinearClassifier, softmaxRegression } from './softmaxRegression';
import { standardiser } from './standardise';
import { stopwatch } from './stopwatch';

export interface OnlineProbeOptions {
  /** What the classifier learns from. */ readonly bank: LabelledInputs;
  /** What it is scored on: for choosing anything by its figure, hold some training images out. */ readonly test: LabelledInputs;
  /** Epochs between measurements, ≥ 1 (default 1). */ readonly everyEpochs?: number;
  /** Weight of the penalty (l2/2)‖W‖² beside the mean cross-entropy, ≥ 0 (default 0.01). */ readonly l2?: number;
  /** Steps of L-BFGS in each measurement, ≥ 1 (default 20); they begin at the classifier of the one before. */
  readonly iterations?: number;
  /** Bank inputs used at most, drawn at random once (default 2,000). */ readonly maxBank?: number;
  /** Test inputs used at most, drawn at random once (default 500). */ readonly maxTest?: number;
  /** Of the draws (default 0). */ readonly seed?: number;
}

/**
 * Watches the accuracy of a linear classifier on the encoder's features while it trains: before the first step of a new
 * run, and after epochs. The classifier goes on from where it was, a few steps each time. Nothing of it reaches the
 * encoder. Emits `report` events of source `online-probe` with `accuracy`, in [0, 1], and `timeShare`, the share of the
 * run's time that this callback has taken so far. Beside `onlineKnn` of the same inputs, these are embedded once.
 * @throws UnlabelError `INVALID_OPTION`, `LABELS_MISMATCH`, `SHAPE_MISMATCH`
 */
export function onlineProbe(options: OnlineProbeOptions): Callback {
  const { everyEpochs = 1, l2 = 0.01, iterations = 20, maxBank = 2000, maxTest = 500, seed = 0 } = options;
  requireEveryEpochs(everyEpochs);
  requireFit(l2, iterations);
  const bank = drawInputs('bank', options.bank, maxBank, seed);
  const test = drawInputs('test', options.test, maxTest, seed);
  let watch = stopwatch();
  let classifier: LinearClassifier | undefined;
  const measure = async (step: number, run: RunHandle) => {
    const accuracy = await watch.time(async () => {
      const [known, asked] = [await embedLabelled(bank, run), await embedLabelled(test, run)];
      requireBankAndTest(known, asked);
      const scale = standardiser(known);
      const start = classifier && { start: classifier };
      classifier = softmaxRegression(scale(known)).fit(l2, { ...start, maxIterations: iterations });
      return top1Accuracy(classify(classifier, scale(asked)), asked.labels);
    });
    run.emit({ type: 'report', step, source: 'online-probe', figures: { accuracy, timeShare: watch.share() } });
  };
  return {
    name: 'online-probe',
    onEvent: async (event, run) => {
      if (event.type === 'start') {
        watch = stopwatch();
        classifier = undefined;
        if (event.resumedFrom === 0) await measure(0, run);
      } else if (event.type === 'epoch' && (event.epoch + 1) % everyEpochs === 0) {
        await measure(event.step, run);
      }
    },
  };
}

function requireFit(l2: number, iterations: number): void {
  if (l2 >= 0 && Number.isFinite(l2) && Number.isInteger(iterations) && iterations >= 1) return;
  throw new UnlabelError('INVALID_OPTION', `l2 is ${l2} and iterations is ${iterations}.`, {
    fix: 'Give an l2 from 0 up, and a whole number of iterations from 1.',
  });
}
