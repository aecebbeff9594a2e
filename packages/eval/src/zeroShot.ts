import { type Evaluator, type LabelledFeatures, UnlabelError } from '@unlabel/core';
import { labelledRows, warningsOfTest } from './admit';
import { type Classification, classificationFigures, classificationOf } from './classification';
import { requireBankAndTest, unitRows } from './features';
import { rankByScores } from './softmaxRegression';

/**
 * Zero-shot classification: a class is the mean of its prompts' embeddings, each scaled to length 1 before and the mean
 * after; an image is of the class whose direction is nearest. One prompt a class, or one for each template
 * (`a photo of a dog`, `a drawing of a dog`, …).
 * @param prompts embeddings of prompts by the text encoder, labelled by the class that they name
 * @param images embeddings of images by the image encoder, in the same space
 * @throws UnlabelError `LABELS_MISMATCH` when a class has no prompt, and those of features and labels: `SHAPE_MISMATCH`,
 * `LABELS_MISSING`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see Radford et al., ICML 2021, https://arxiv.org/abs/2103.00020, §3.1.4
 */
export function zeroShot(prompts: LabelledFeatures, images: LabelledFeatures): Classification {
  requireBankAndTest(prompts, images);
  const weights = Float64Array.from(classDirections(labelledRows(prompts)));
  const ranked = rankByScores({ weights, bias: new Float64Array(prompts.classes) }, images);
  return classificationOf(ranked, images.labels, warningsOfTest(images));
}

/** {@link zeroShot} as an evaluator whose bank are prompts labelled by class, and whose test set are images. */
export function zeroShotEvaluator(): Evaluator {
  return {
    name: 'zero-shot',
    evaluate: async (prompts, images, _seed, notes) => classificationFigures(zeroShot(prompts, images), images, notes),
  };
}

/** `[classes, dim]`, rows of length 1. */
function classDirections(prompts: LabelledFeatures): Float32Array {
  const { count, dim, labels, classes } = prompts;
  const directions = unitRows(prompts);
  const sums = new Float32Array(classes * dim);
  for (let row = 0; row < count; row++) {
    const first = (labels[row] ?? 0) * dim;
    for (let column = 0; column < dim; column++) {
      sums[first + column] = (sums[first + column] ?? 0) + (directions[row * dim + column] ?? 0);
    }
  }
  const missing = Array.from({ length: classes }, (_, label) => label).find((label) => !labels.includes(label));
  if (missing !== undefined) {
    throw new UnlabelError('LABELS_MISMATCH', `Class ${missing} has no prompt.`, { fix: 'Give one for each class.' });
  }
  return unitRows({ features: sums, count: classes, dim });
}
