import type { BackendSession } from './backend';
import type { BatchSource } from './batches';
import type { Encoder } from './encoder';
import type { HostTensors } from './hostTensor';

/** Features of samples with labels. */
export interface LabelledFeatures {
  /** Row-major `[count, dim]`. */ readonly features: Float32Array;
  readonly count: number;
  readonly dim: number;
  /** Class index per row; −1 where it is not known. */ readonly labels: Int32Array;
  /** Number of classes. */ readonly classes: number;
}

/** What JSON can hold. */
export type EvaluationDetail =
  | number
  | string
  | boolean
  | null
  | readonly EvaluationDetail[]
  | { readonly [name: string]: EvaluationDetail };

/** Where an evaluator leaves what is more than figures; whoever reports them gives an empty one, {@link evaluationNotes}. */
export interface EvaluationNotes {
  /** Data by name for reports: `confusionMatrix` (a row per label), `perClassAccuracy`, … */
  readonly details: Record<string, EvaluationDetail>;
  /** What a reader of the figures must know: samples left out, classes without samples, constant features. */
  readonly warnings: string[];
  /** What the figures mean and what to do about them, in sentences, where they do not speak for themselves. */
  readonly verdicts: string[];
}

/** Empty notes, to be handed to {@link Evaluator.evaluate}. */
export function evaluationNotes(): EvaluationNotes {
  return { details: {}, warnings: [], verdicts: [] };
}

/** The network that made the features, and the samples they are of: for evaluators that train it on labels. */
export interface EvaluatedNetwork {
  readonly encoder: Encoder;
  /** The encoder's, by their own names. */ readonly weights: HostTensors;
  /** An open backend; it stays open. */ readonly session: BackendSession;
  /** Ends training on labels before it is done, with the error `ABORTED`. */ readonly signal?: AbortSignal;
  /** What the encoder was shown of the test rows, `[test.count, ...inputShape]`, row-major. */
  testInputs(): Promise<Float32Array>;
  /**
   * One view, with its label, of each of some rows of the bank: whole batches, in an order and with views of the seed.
   * Whoever asks disposes of the source.
   * @throws UnlabelError `UNKNOWN_NAME`, `INVALID_OPTION` for views that cannot be made
   */
  bankBatches(rows: Int32Array, options: BankBatchesOptions): Promise<BatchSource>;
}

/** How {@link EvaluatedNetwork.bankBatches} shows samples. */
export interface BankBatchesOptions {
  /** Augmented as in training, the first view; as the features were made; or by an augmentation's name, with its options. */
  readonly views: 'training' | 'evaluation' | { readonly name: string; readonly [option: string]: unknown };
  /** At most as many as there are rows. */ readonly batchSize: number;
  readonly seed: number;
}

/** Features of several random views of each of several samples: row-major `[objects, views, dim]`. */
export interface ViewFeatures {
  readonly features: Float32Array;
  /** Samples. */ readonly objects: number;
  /** Views of each. */ readonly views: number;
  readonly dim: number;
}

/** How many random views an evaluator needs of how many samples. */
export interface ViewsWanted {
  /** Samples at most. */ readonly objects: number;
  /** Views of each, drawn as training draws its first view. */ readonly views: number;
}

/** Measures a representation: frozen features, or what becomes of the network when it is trained on labels. */
export interface Evaluator {
  readonly name: string;
  /** What it needs beside one feature row per sample (default: nothing). */ readonly views?: ViewsWanted;
  /**
   * Whether it trains the network, and so must be given one (default false): it has nothing to say of pixels or projections,
   * and takes longer than all others together.
   */
  readonly trainsNetwork?: boolean;
  /**
   * @param bank what the measure may learn from
   * @param test what it is measured on, same `dim` and `classes`
   * @param seed for whatever is random about the protocol
   * @param notes takes details, warnings and verdicts, where they are wanted
   * @param views of samples of the test split, where the evaluator declares `views`
   * @param network what made the features, row for row, where there is one
   * @returns figures by name; accuracies are shares in [0, 1]
   * @throws UnlabelError `NETWORK_MISSING` where `trainsNetwork` and there is none
   */
  evaluate(
    bank: LabelledFeatures,
    test: LabelledFeatures,
    seed: number,
    notes?: EvaluationNotes,
    views?: ViewFeatures,
    network?: EvaluatedNetwork,
  ): Promise<Readonly<Record<string, number>>>;
}
