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

/** Measures a representation on frozen features. */
export interface Evaluator {
  readonly name: string;
  /** What it needs beside one feature row per sample (default: nothing). */ readonly views?: ViewsWanted;
  /**
   * @param bank what the measure may learn from
   * @param test what it is measured on, same `dim` and `classes`
   * @param seed for whatever is random about the protocol
   * @param notes takes details, warnings and verdicts, where they are wanted
   * @param views of samples of the test split, where the evaluator declares `views`
   * @returns figures by name; accuracies are shares in [0, 1]
   */
  evaluate(
    bank: LabelledFeatures,
    test: LabelledFeatures,
    seed: number,
    notes?: EvaluationNotes,
    views?: ViewFeatures,
  ): Promise<Readonly<Record<string, number>>>;
}
