/** Features of samples with labels. */
export interface LabelledFeatures {
  /** Row-major `[count, dim]`. */ readonly features: Float32Array;
  readonly count: number;
  readonly dim: number;
  /** Class index per row. */ readonly labels: Int32Array;
  /** Number of classes. */ readonly classes: number;
}

/** Measures a representation on frozen features. */
export interface Evaluator {
  readonly name: string;
  /**
   * @param bank what the measure may learn from
   * @param test what it is measured on, same `dim` and `classes`
   * @param seed for whatever is random about the protocol
   * @returns figures by name; accuracies are shares in [0, 1]
   */
  evaluate(bank: LabelledFeatures, test: LabelledFeatures, seed: number): Promise<Readonly<Record<string, number>>>;
  /** What figures of `evaluate` mean and what to do about them, in sentences, for measures that do not speak for themselves. */
  explain?(figures: Readonly<Record<string, number>>): string;
}
