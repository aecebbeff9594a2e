import { type Evaluator, randomStream, UnlabelError } from '@unlabel/core';
import { uniformity } from './alignmentUniformity';
import { spectrumDecay } from './alphaReq';
import { featureStd } from './featureStd';
import { type Features, takeRows } from './features';
import { type CovarianceSpectrum, covarianceSpectrum, directionsCarrying } from './spectrum';

/** How features fill their space, in numbers. */
export interface CollapseFigures {
  /** Their standard deviation once normalised: 1 when spread over the sphere, 0 when all in one point. */ readonly featureStd: number;
  /** Principal directions that together carry 99 % of the variance; 0 where features are constant. */ readonly directions: number;
  /** Directions that there could be: min(count − 1, dim). */ readonly possible: number;
  /** Share of the variance along the strongest direction, in [0, 1]. */ readonly strongest: number;
}

export interface CollapseVerdictOptions {
  /** What the sentence is about (default `'Features'`). */ readonly what?: string;
  /** A smaller `featureStd` is complete collapse, in [0, 1] (default 0.2). */ readonly minStd?: number;
  /** Fewer `directions` are dimensional collapse, ≥ 0 (default a tenth of those possible). */ readonly minDirections?: number;
}

/** Whether features have collapsed, and how. */
export interface CollapseVerdict {
  /** `'complete'`: nearly one point for all samples; `'dimensional'`: a few directions for all that they could say. */
  readonly kind: 'none' | 'dimensional' | 'complete';
  /** What was found, what it means, and what to try. */ readonly message: string;
}

/**
 * The figures that {@link collapseVerdict} judges by. Few samples have few directions: take a few times dim.
 * @param data at least two rows; its labels, if any, are not looked at
 * @throws UnlabelError `BATCH_TOO_SMALL`, `DATASET_EMPTY`, `SHAPE_MISMATCH`, `FEATURES_NOT_FINITE`
 */
export function collapseFigures(data: Features): CollapseFigures {
  return figuresOf(data, covarianceSpectrum(data));
}

function figuresOf(data: Features, spectrum: CovarianceSpectrum): CollapseFigures {
  return {
    featureStd: featureStd(data),
    directions: directionsCarrying(spectrum, 0.99),
    possible: Math.min(data.count - 1, data.dim),
    strongest: spectrum.cumulative[0] ?? 0,
  };
}

/**
 * Says in words whether features have collapsed, what that means and what to try.
 * @throws UnlabelError `INVALID_OPTION`
 * @see Jing et al., Understanding Dimensional Collapse in Contrastive Self-Supervised Learning, ICLR 2022, https://arxiv.org/abs/2110.09348
 */
export function collapseVerdict(figures: CollapseFigures, options: CollapseVerdictOptions = {}): CollapseVerdict {
  const { possible, directions, strongest } = figures;
  const { what = 'Features', minStd = 0.2, minDirections = 0.1 * possible } = options;
  requireThresholds(minStd, minDirections);
  const std = figures.featureStd.toFixed(3);
  const share = `${directions} of ${possible} directions carry 99 % of their variance`;
  if (figures.featureStd < minStd) {
    return {
      kind: 'complete',
      message: `${what} have collapsed: their standard deviation is ${std}, where 1 is healthy and 0 is every sample in one point. Little is left that tells samples apart. ${againstCompleteCollapse}`,
    };
  }
  if (directions < Math.min(minDirections, possible)) {
    return {
      kind: 'dimensional',
      message: `${what} have collapsed to few dimensions: ${share}, the strongest alone ${(100 * strongest).toFixed(0)} %. Samples differ, but in little that a classifier could use; the other dimensions repeat it. ${againstDimensionalCollapse}`,
    };
  }
  return { kind: 'none', message: `${what} have not collapsed: standard deviation ${std}, ${share}.` };
}

/** What to try. */
export const againstCompleteCollapse =
  'Check that targets pass no gradient and that the projector ends in batch norm, then lower the learning rate or raise the weight of the term that spreads samples.';

const againstDimensionalCollapse =
  'Try a projector, or a wider one; a lower learning rate; a term that decorrelates dimensions (VICReg, Barlow Twins, LeJEPA) or a higher weight of it; and augmentations that leave more to tell samples by.';

export interface GeometryEvaluatorOptions {
  /** Bank rows used at most, drawn at random (default 2,000): figures have settled by a few times dim. */ readonly samples?: number;
}

/**
 * The geometry of the bank as an evaluator: {@link CollapseFigures}, `uniformity`, and `alphaReq` where there are directions
 * enough for it. It explains its figures by {@link collapseVerdict}. No labels needed.
 */
export function geometryEvaluator(options: GeometryEvaluatorOptions = {}): Evaluator {
  const { samples = 2000 } = options;
  return {
    name: 'geometry',
    evaluate: async (bank, _test, seed) => {
      const rows = randomStream([seed, 'geometry']).permutation(bank.count).subarray(0, samples);
      const part = bank.count > samples ? takeRows(bank, rows) : bank;
      const spectrum = covarianceSpectrum(part);
      const alpha = spectrumDecay(spectrum.eigenvalues);
      const figures = { ...figuresOf(part, spectrum), uniformity: uniformity(part) };
      return alpha === undefined ? figures : { ...figures, alphaReq: alpha };
    },
    explain: ({ featureStd = 0, directions = 0, possible = 0, strongest = 0 }) =>
      collapseVerdict({ featureStd, directions, possible, strongest }).message,
  };
}

function requireThresholds(minStd: number, minDirections: number): void {
  if (minStd >= 0 && minStd <= 1 && minDirections >= 0) return;
  throw new UnlabelError('INVALID_OPTION', `minStd is ${minStd} and minDirections is ${minDirections}.`, {
    fix: 'Give a standard deviation from 0 to 1, and a number of directions from 0.',
  });
}
