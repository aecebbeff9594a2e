import { type EvaluationNotes, type Evaluator, evaluationNotes, type LabelledFeatures } from '@unlabel/core';
import type { LabelledInputs } from './labelledInputs';

export interface TransferOptions {
  /** What evaluators learn from. */ readonly bank: LabelledInputs;
  /** What they are measured on. */ readonly test: LabelledInputs;
  readonly evaluators: readonly Evaluator[];
  /** Of whatever is random about the protocols (default 0). */ readonly seed?: number;
}

/** What one evaluator found. */
export interface TransferResult extends EvaluationNotes {
  readonly evaluator: string;
  readonly figures: Readonly<Record<string, number>>;
}

/**
 * Transfer: the same frozen encoder on another data set. Embeds its inputs once and hands the features to each evaluator,
 * whose probe is trained and tested on that data alone.
 * @param encoder what embeds: an `Embedder` of core, for one
 * @throws UnlabelError what the embedder and the evaluators throw
 */
export async function transfer(
  encoder: { embed(inputs: Float32Array, count: number): Promise<Float32Array> },
  options: TransferOptions,
): Promise<readonly TransferResult[]> {
  const { evaluators, seed = 0 } = options;
  const features = async ({ inputs, count, labels, classes }: LabelledInputs): Promise<LabelledFeatures> => {
    const embedded = await encoder.embed(inputs, count);
    return { features: embedded, count, dim: embedded.length / Math.max(1, count), labels, classes };
  };
  const [bank, test] = [await features(options.bank), await features(options.test)];
  const results: TransferResult[] = [];
  for (const evaluator of evaluators) {
    const notes = evaluationNotes();
    results.push({ evaluator: evaluator.name, figures: await evaluator.evaluate(bank, test, seed, notes), ...notes });
  }
  return results;
}
