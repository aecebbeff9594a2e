import {
  type BankBatchesOptions,
  type EvaluatedNetwork,
  type EvaluationNotes,
  type Evaluator,
  type LabelledFeatures,
  UnlabelError,
} from '@unlabel/core';
import { admit, type SplitOptions } from './admit';
import { drawShots } from './fewShot';
import { fineTune, type SupervisedOptions, type SupervisedResult, supervisedBaseline } from './fineTune';
import { meanInterval } from './meanInterval';

/** How an evaluator trains a network on a few labels: one setting, chosen beforehand on other draws. */
export interface SupervisedEvaluatorOptions
  extends SplitOptions,
    Pick<SupervisedOptions, 'epochs' | 'warmup' | 'labelSmoothing' | 'averageDecay' | 'clipNorm'> {
  /** Labelled samples of each class, or `'all'` of the bank (default 10). */ readonly perClass?: number | 'all';
  /** How many times samples, first weights and order are drawn anew, 2 … 31 (default 3). */ readonly draws?: number;
  /** η at the top of a cosine, > 0 (default 1e-3). */ readonly learningRate?: number;
  /** λ of AdamW, ≥ 0 (default 0.05). */ readonly weightDecay?: number;
  /** Samples of a step, at most all (default 128). */ readonly batchSize?: number;
  /**
   * What the network is shown of the samples: what it saw in training (default), what features are made of, or views by
   * name. Where training views are smaller than what features are made of, name larger ones: it costs many points else.
   */
  readonly views?: BankBatchesOptions['views'];
}

export interface FineTuneEvaluatorOptions extends SupervisedEvaluatorOptions {
  /** Factor from each layer's rate to that of the one before it, in (0, 1] (default 0.75). */ readonly layerDecay?: number;
}

/**
 * {@link supervisedBaseline} as an evaluator: the encoder from random weights on `perClass` labels of each class, on the same
 * draws as `fewShot` with the same seed. Figures `accuracy`, `confidence95` and `standardDeviation` over draws; detail `draws`.
 * It needs the network (`NETWORK_MISSING`).
 */
export function supervisedEvaluator(options: SupervisedEvaluatorOptions = {}): Evaluator {
  return trainingEvaluator('supervised', options, (training) => supervisedBaseline(training));
}

/** {@link fineTune} as an evaluator, from the weights that are measured; else as {@link supervisedEvaluator}. */
export function fineTuneEvaluator(options: FineTuneEvaluatorOptions = {}): Evaluator {
  const { layerDecay = 0.75, ...others } = options;
  return trainingEvaluator('fine-tune', others, (training, { weights }) =>
    fineTune({ ...training, weights, layerDecay }),
  );
}

type Train = (training: SupervisedOptions, network: EvaluatedNetwork) => Promise<SupervisedResult>;

function trainingEvaluator(name: string, options: SupervisedEvaluatorOptions, train: Train): Evaluator {
  const { perClass = 10, draws = 3 } = options;
  return {
    name,
    trainsNetwork: true,
    evaluate: async (bank, test, seed, notes, _views, network) => {
      if (!network) throw networkMissing(name);
      const { warnings } = admit(bank, test, options);
      requireDraws(draws);
      const labelled = { inputs: await network.testInputs(), ...test };
      const accuracies: number[] = [];
      for (let draw = 0; draw < draws; draw++) {
        const rows = drawnRows(bank, perClass, seed, draw);
        const { accuracy } = await trainOn(rows, labelled, seed * mostDraws + draw, options, network, train);
        accuracies.push(accuracy);
      }
      return figuresOf(accuracies, perClass, warnings, notes);
    },
  };
}

const mostDraws = 31;

/** Trains on some rows of the bank and measures on the test inputs. */
async function trainOn(
  rows: Int32Array,
  test: SupervisedOptions['test'],
  seed: number,
  {
    batchSize = 128,
    views = 'training',
    perClass: _,
    draws: __,
    allowOverlap: ___,
    ...recipe
  }: SupervisedEvaluatorOptions,
  network: EvaluatedNetwork,
  train: Train,
): Promise<SupervisedResult> {
  const batches = await network.bankBatches(rows, { views, batchSize: Math.min(batchSize, rows.length), seed });
  const { encoder, session, signal } = network;
  try {
    return await train({ encoder, session, batches, test, seed, ...recipe, ...(signal && { signal }) }, network);
  } finally {
    await batches.dispose();
  }
}

/** Which rows of the bank a draw shows: those of `fewShot`, which knows the labelled rows alone. */
function drawnRows(bank: LabelledFeatures, perClass: number | 'all', seed: number, draw: number): Int32Array {
  const labelled = Int32Array.from(bank.labels.keys()).filter((row) => (bank.labels[row] ?? -1) >= 0);
  if (perClass === 'all') return labelled;
  const known = { ...bank, count: labelled.length, labels: labelled.map((row) => bank.labels[row] ?? 0) };
  return drawShots(known, perClass, [seed, 'few-shot', draw]).map((at) => labelled[at] ?? 0);
}

function figuresOf(
  accuracies: readonly number[],
  perClass: number | 'all',
  warnings: readonly string[],
  notes: EvaluationNotes | undefined,
): Readonly<Record<string, number>> {
  const { mean: accuracy, confidence95 = 0, standardDeviation = 0 } = meanInterval(accuracies); // there are two or more
  if (notes) {
    notes.warnings.push(...warnings);
    notes.details.draws = { [perClass]: accuracies };
  }
  return { accuracy, confidence95, standardDeviation };
}

function requireDraws(draws: number): void {
  if (Number.isInteger(draws) && draws >= 2 && draws <= mostDraws) return;
  throw new UnlabelError('INVALID_OPTION', `draws is ${draws}.`, {
    fix: `Choose a whole number from 2 to ${mostDraws}: the interval needs more than one.`,
  });
}

function networkMissing(name: string): UnlabelError {
  return new UnlabelError('NETWORK_MISSING', `'${name}' trains the network, but was given features alone.`, {
    fix: 'Measure an encoder with it, by a config or with an EvaluatedNetwork as the last argument.',
  });
}
