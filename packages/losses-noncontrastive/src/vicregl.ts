import {
  globalViewsOf,
  isTokenEncoder,
  mlpHead,
  type Objective,
  requireViews,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { nearestTokens, squaredDistances } from './nearestTokens';
import { projectTokens, requireTokens } from './projectTokens';
import { tokenPositions } from './tokenPositions';
import { varianceTerm } from './vicreg';

export interface VicreglOptions {
  /** α, share of the global criterion in [0, 1] (default 0.75; 0.9 for the paper's ResNet-50). */ globalWeight?: number;
  /** λ, weight of the invariance terms (default 25). */ invarianceWeight?: number;
  /** μ, weight of the variance terms (default 25). */ varianceWeight?: number;
  /** ν, weight of the covariance terms (default 1). */ covarianceWeight?: number;
  /** γ, best matches that count, of a global view's tokens and of the other view's (default `[20, 4]`; no more than there are tokens). */
  matches?: readonly [number, number];
  /** How many of the views, from the first, are global ones, which all others are compared with (default: all). */
  globalViews?: number;
}

/** What VICRegL compares of one view. */
export interface VicreglView {
  /** Projection of the whole view, `[batch, dim]`. */ readonly z: tf.Tensor2D;
  /** Projections of its tokens, `[batch, tokens, localDim]`; the number of tokens may differ between views. */
  readonly tokens: tf.Tensor3D;
  /** Where in the original image its tokens lie, `[batch, tokens, 2]`; without, tokens match by their projections alone. */
  readonly positions?: tf.Tensor3D;
}

/**
 * VICRegL, eq. 4: α ℓ(Z, Z′) + (1 − α) [ℒ_s + ℒ_d], where the local ℒ_s and ℒ_d apply VICReg's ℓ to tokens matched by
 * location and by distance of projections. Pairs are a global view and any other; each criterion is averaged over them.
 * As in the authors' code, v and c are averaged over views where {@link vicregLoss} adds them up.
 * @param views two or more, global ones first
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`, `INVALID_OPTION`
 * @see Bardes, Ponce & LeCun, NeurIPS 2022, https://arxiv.org/abs/2210.01571
 */
export function vicreglLoss(views: readonly VicreglView[], options: VicreglOptions = {}): tf.Scalar {
  return tf.tidy(() => weigh(vicreglTerms(views, options), options));
}

/** What {@link vicreglLoss} adds up: ℓ of whole views, and ℒ_s + ℒ_d of tokens. */
export type VicreglTerms = Record<'global' | 'local', tf.Scalar>;

/** The terms of {@link vicreglLoss}, of the same arguments. */
export function vicreglTerms(views: readonly VicreglView[], options: VicreglOptions = {}): VicreglTerms {
  requireVicregl(views, options);
  const { globalViews = views.length } = options;
  const pairs = views
    .slice(0, globalViews)
    .flatMap((view) => views.filter((other) => other !== view).map((other) => [view, other] as const));
  return tf.tidy((): VicreglTerms => {
    const whole = views.map(({ z }) => tf.expandDims<tf.Tensor3D>(z, 1));
    const differences = pairs.map(([{ z }, other]) => tf.mean<tf.Scalar>(tf.squaredDifference(z, other.z)));
    return {
      global: criterion(differences, whole, options),
      local: meanOf(pairs.map(([view, other]) => localCriterion(view, other, options))),
    };
  });
}

/** ℒ_d + ℒ_s of a pair, each the mean of its two directions. */
function localCriterion(view: VicreglView, other: VicreglView, options: VicreglOptions): tf.Scalar {
  const { matches: [forth, back] = [20, 4] } = options;
  const byDistance = squaredDistances(view.tokens, other.tokens);
  const measures = [byDistance];
  if (view.positions && other.positions) measures.push(squaredDistances(view.positions, other.positions));
  const directions = measures.flatMap((distances) => [
    matchedCriterion(view.tokens, other.tokens, distances, forth, options),
    matchedCriterion(other.tokens, view.tokens, tf.transpose(distances, [0, 2, 1]), back, options),
  ]);
  return tf.mul(0.5, tf.addN(directions));
}

/** ℓ between the γ tokens of `from` that have the nearest neighbours in `to`, and these neighbours. */
function matchedCriterion(
  from: tf.Tensor3D,
  to: tf.Tensor3D,
  distances: tf.Tensor3D,
  most: number,
  options: VicreglOptions,
): tf.Scalar {
  const [matched, neighbours] = nearestTokens(from, to, distances, most);
  return criterion([tf.mean(tf.squaredDifference(matched, neighbours))], [matched, neighbours], options);
}

/** ℓ: λ · mean of the differences + μ · mean v + ν · mean c, over views `[batch, tokens, dim]`. */
function criterion(
  differences: readonly tf.Scalar[],
  views: readonly tf.Tensor3D[],
  options: VicreglOptions,
): tf.Scalar {
  const { invarianceWeight: lambda = 25, varianceWeight: mu = 25, covarianceWeight: nu = 1 } = options;
  const variance = meanOf(views.map((z) => varianceTerm(tf.reshape(z, [z.shape[0], -1])))); // every token's dimensions
  const covariance = meanOf(views.map(covarianceTerm));
  return tf.add(tf.mul(lambda, meanOf(differences)), tf.add(tf.mul(mu, variance), tf.mul(nu, covariance)));
}

/** c: squared covariances between different dimensions, over dim, averaged over tokens. */
function covarianceTerm(z: tf.Tensor3D): tf.Scalar {
  const [batch, tokens, dim] = z.shape;
  const centred = tf.transpose(tf.sub<tf.Tensor3D>(z, tf.mean(z, 0, true)), [1, 0, 2]);
  const covariances = tf.div(tf.matMul(centred, centred, true), batch - 1); // `[tokens, dim, dim]`
  return tf.div(tf.sum(tf.square(tf.mul(covariances, tf.sub(1, tf.eye(dim))))), dim * tokens);
}

function meanOf(values: readonly tf.Scalar[]): tf.Scalar {
  return tf.div(tf.addN([...values]), values.length);
}

/** α · global + (1 − α) · local. */
function weigh({ global, local }: VicreglTerms, { globalWeight: alpha = 0.75 }: VicreglOptions): tf.Scalar {
  return tf.add(tf.mul(alpha, global), tf.mul(1 - alpha, local));
}

function requireVicregl(views: readonly VicreglView[], options: VicreglOptions): void {
  const { globalWeight = 0.75, matches = [20, 4], globalViews } = options;
  requireViews(Object.fromEntries(views.map(({ z }, view) => [`z${view}`, z])), { minBatch: 2 });
  globalViewsOf(
    views.map(({ z }) => z),
    globalViews,
  );
  if (views.length < 2) {
    throw new UnlabelError('SHAPE_MISMATCH', `There is ${views.length} view.`, { fix: 'Compare two views or more.' });
  }
  if (!(globalWeight >= 0 && globalWeight <= 1)) {
    throw new UnlabelError('INVALID_OPTION', `globalWeight is ${globalWeight}.`, { fix: 'Give a number from 0 to 1.' });
  }
  if (!matches.every((count) => Number.isInteger(count) && count >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `matches is [${matches}].`, { fix: 'Give two whole numbers from 1.' });
  }
  for (const [view, { z, tokens, positions }] of views.entries()) requireSameSamples(view, z, tokens, positions);
}

function requireSameSamples(view: number, z: tf.Tensor2D, tokens: tf.Tensor3D, positions?: tf.Tensor3D): void {
  const [batch, count] = tokens.shape;
  if (tokens.rank !== 3 || batch !== z.shape[0]) {
    throw new UnlabelError(
      'SHAPE_MISMATCH',
      `The tokens of view ${view} are [${tokens.shape}], but need [${z.shape[0]}, tokens, localDim].`,
    );
  }
  if (!positions || positions.shape.join() === [batch, count, 2].join()) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `The positions of view ${view} are [${positions.shape}], but need [${batch}, ${count}, 2].`,
  );
}

export interface VicreglMethodOptions extends VicreglOptions {
  /** Widths of the projector of whole views, after the encoder's own; batch norm and ReLU between (default `[8192, 8192, 8192]`). */
  projector?: readonly number[];
  /** Widths of the projector of tokens, likewise (default `[512, 512, 512]`). */ localProjector?: readonly number[];
}

/**
 * VICRegL: {@link vicreglLoss} between two views or more, for encoders that give tokens beside features: a ResNet, whose
 * tokens are the places of its maps, or a ViT. Global views come first, and are those of the first view's shape unless
 * `globalViews` says otherwise. Tokens match by location, too (ℒ_s), where the batch says where views lie, as pipelines with
 * `locations` do: `vicreglViews` of `@unlabel/augment`, or `views: vicregl`. Otherwise they match by their projections alone.
 * Recipe of the authors for ResNet-50: LARS, learning rate 0.3 · batch/256, weight decay 1e-6, 10 epochs of warm-up.
 * @throws UnlabelError from `bind`: `INVALID_OPTION` for an encoder without tokens
 * @see Bardes, Ponce & LeCun, NeurIPS 2022, https://arxiv.org/abs/2210.01571
 */
export function vicregl(options: VicreglMethodOptions = {}): Objective {
  const { projector: widths = [8192, 8192, 8192], localProjector: localWidths = [512, 512, 512] } = options;
  return {
    name: 'vicregl',
    views: { min: 2 },
    minBatch: 2,
    bind: (bound) => {
      const encoder = requireTokens(bound, 'vicregl');
      // No term sees a shift of all projections, so that final biases would have no gradient.
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], finalBias: false });
      const tokenDim = isTokenEncoder(encoder) ? encoder.tokenDim : encoder.outputDim;
      const localProjector = mlpHead({ dims: [tokenDim, ...localWidths], finalBias: false });
      const network = { encoder, projector, localProjector };
      return {
        variables: variablesOf(network),
        loss: ({ views, tensors }, context) => {
          const projected = projectTokens(views, network, context).map((view, at) => {
            const location = tensors[`locations/${at}`];
            const shape = { tokens: view.tokens.shape[1], view: views[at]?.shape ?? [] };
            return location ? { ...view, positions: tokenPositions(location, shape) } : view;
          });
          const terms = vicreglTerms(projected, { globalViews: globalViewsOf(views), ...options });
          return { loss: weigh(terms, options), terms, projection: projected[0]?.z ?? tf.zeros([0, 0]) };
        },
      };
    },
  };
}
