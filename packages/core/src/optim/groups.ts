import type { Encoder } from '../encoder';

/** Parameters that learn or decay at a rate of their own. */
export interface ParameterGroup {
  /** Whether a parameter of this root-level name and shape belongs to the group. */
  readonly where: (name: string, shape: readonly number[]) => boolean;
  /** Multiplies the learning rate (default 1); 0 keeps the group as it is, but for its slots. */
  readonly learningRateScale?: number;
  /** Multiplies the weight decay (default 1). */ readonly weightDecayScale?: number;
}

/** What the groups of one parameter amount to. */
export interface ParameterScales {
  readonly learningRateScale: number;
  readonly weightDecayScale: number;
}

/** No weight decay on biases, on scales and offsets of norms, and on scalars: whatever has fewer than two axes. */
export const undecayedVectors: ParameterGroup = { where: (_, shape) => shape.length < 2, weightDecayScale: 0 };

/**
 * Smaller learning rates for earlier layers: `decay` to the power of the layers between a parameter and the head.
 * @param encoder one with `depthOf`; others give no groups
 * @param decay per layer, in (0, 1], such as 0.75 for a fine-tuned ViT-B
 * @param prefix of the encoder's variables among all (default `'encoder/'`)
 * @see Bao et al., BEiT, ICLR 2022, https://arxiv.org/abs/2106.08254
 */
export function layerwiseDecay(encoder: Encoder, decay: number, prefix = 'encoder/'): ParameterGroup[] {
  const { depthOf, depth = 0 } = encoder;
  if (!depthOf) return [];
  return Array.from({ length: depth + 1 }, (_, layer) => ({
    where: (name) => name.startsWith(prefix) && depthOf(name.slice(prefix.length)) === layer,
    learningRateScale: decay ** (depth + 1 - layer),
  }));
}

/** The product of the scales of all groups that a parameter belongs to. */
export function scalesOf(groups: readonly ParameterGroup[], name: string, shape: readonly number[]): ParameterScales {
  const own = groups.filter((group) => group.where(name, shape));
  const product = (factors: number[]) => factors.reduce((sofar, factor) => sofar * factor, 1);
  return {
    learningRateScale: product(own.map(({ learningRateScale = 1 }) => learningRateScale)),
    weightDecayScale: product(own.map(({ weightDecayScale = 1 }) => weightDecayScale)),
  };
}
