import {
  type Encoder,
  type MultiBlockDrawOptions,
  moveTeacher,
  multiBlockDraws,
  type NamedTensors,
  type Objective,
  type PatchGrid,
  requireTokenEncoder,
  scheduled,
  standardise,
  stopGradient,
  type TokenEncoder,
  teacherMomentum,
  teacherOf,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { type PredictorOptions, predictor } from './predictor';

/**
 * I-JEPA: the smooth L1 distance (β = 1) between predicted tokens and those of a teacher, averaged over all of them. The
 * paper writes the squared distance; its authors' code, and this, the smooth L1.
 * @param predictions ŝ_y, `[rows, tokens, dim]`
 * @param targets s_y, same shape, as {@link ijepaTargets} gives them
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Assran et al., CVPR 2023, https://arxiv.org/abs/2301.08243
 */
export function ijepaLoss(predictions: tf.Tensor3D, targets: tf.Tensor3D): tf.Scalar {
  requireSameShape(predictions, targets);
  return tf.tidy(() => {
    const distance = tf.abs(tf.sub(predictions, targets));
    const near = tf.minimum(distance, 1);
    return tf.mean(tf.mul(near, tf.sub(distance, tf.mul(near, 0.5)))); // ½d² up to 1, d − ½ beyond
  });
}

/**
 * s_y: the tokens that a mask names, of a teacher that saw the whole image, each standardised. No gradient flows to them.
 * @param h the teacher's tokens, `[batch, tokens, dim]`
 * @param mask which of them, int32 `[batch, masked]`
 * @returns `[batch, masked, dim]`
 */
export function ijepaTargets(h: tf.Tensor3D, mask: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => stopGradient(pick(standardise(h, 1e-5), mask)));
}

/** Tokens by their numbers, each sample's own. */
function pick(tokens: tf.Tensor3D, at: tf.Tensor2D): tf.Tensor3D {
  return tf.reshape(tf.gather(tokens, at, 1, 1), [at.shape[0], at.shape[1], tokens.shape[2]]);
}

export interface IjepaOptions extends MultiBlockDrawOptions, PredictorOptions {
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 in a straight line (default 0.996). */ momentum?: number;
}

/**
 * I-JEPA: from the tokens of a context block, a predictor guesses those that a teacher makes, of the whole image, in four
 * target blocks: {@link ijepaLoss}. One view, no augmentation but a crop; the encoder must have tokens on a grid.
 * Recipe of the paper: AdamW, learning rate 1e-3 after 40 epochs of warm-up, weight decay 0.04 to 0.4, batch 2048.
 * @see Assran et al., CVPR 2023, https://arxiv.org/abs/2301.08243
 */
export function ijepa(options: IjepaOptions = {}): Objective {
  const { momentum = 0.996 } = options;
  const schedules = { momentum: teacherMomentum(momentum, { shape: 'linear' }) };
  return {
    name: 'i-jepa',
    views: { min: 1, max: 1 },
    minBatch: 1,
    bind: (anyEncoder) => {
      const encoder = requireTokenEncoder(anyEncoder, 'i-jepa');
      const guess = predictor(encoder, options);
      const student = variablesOf({ encoder });
      return {
        variables: { ...student, ...variablesOf({ predictor: guess }), ...teacherOf(student) },
        schedules,
        draws: multiBlockDraws(patchGridOf(encoder), options),
        loss: ({ views: [view = tf.zeros([0])], tensors }, context) => {
          requireWhole(view, encoder);
          const { contextAt, targetsAt } = masksOf(tensors);
          const seen = context.scope('encoder');
          const patches = tf.add<tf.Tensor3D>(encoder.embed(view, seen), encoder.positions(seen));
          const { tokens, features } = encoder.encode(pick(patches, contextAt), seen);
          const predictions = guess.apply({ context: tokens, contextAt, targetsAt }, context.scope('predictor'));
          const whole = encoder.tokens(view, context.scope('teacher').scope('encoder'));
          const targets = ijepaTargets(whole, tf.reshape(targetsAt, [view.shape[0] ?? 0, -1]));
          const loss = ijepaLoss(predictions, tf.reshape(targets, predictions.shape));
          return { loss, terms: { prediction: loss }, projection: features };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, student, scheduled(scalars, 'momentum')),
      };
    },
  };
}

function masksOf(tensors: NamedTensors): { readonly contextAt: tf.Tensor2D; readonly targetsAt: tf.Tensor3D } {
  const { 'masks/context': context, 'masks/targets': targets } = tensors;
  if (context && targets) {
    const [batch = 0, blocks = 0, tokens = 0] = targets.shape;
    return { contextAt: tf.reshape(context, [batch, -1]), targetsAt: tf.reshape(targets, [batch, blocks, tokens]) };
  }
  throw new UnlabelError('VARIABLE_MISSING', 'The batch has no masks/context or no masks/targets.', {
    fix: 'Draw them, as `draws` says.',
  });
}

function patchGridOf({ grid, name }: TokenEncoder): PatchGrid {
  const [rows = 0, columns = 0] = grid;
  if (grid.length === 2) return [rows, columns];
  throw new UnlabelError('INVALID_OPTION', `The tokens of ${name} lie along ${grid.length} axes.`, {
    fix: 'Blocks are rectangles: give an encoder of images.',
  });
}

function requireWhole(view: tf.Tensor, { inputShape }: Encoder): void {
  if (view.shape.slice(1).join() === inputShape.join()) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `The view is [${view.shape}], but the encoder's inputShape [${inputShape}].`,
    {
      fix: 'Masks are drawn for the whole grid of patches: give views of the inputShape.',
    },
  );
}

function requireSameShape(predictions: tf.Tensor3D, targets: tf.Tensor3D): void {
  if (predictions.shape.join() === targets.shape.join()) return;
  throw new UnlabelError('SHAPE_MISMATCH', `predictions are [${predictions.shape}], targets [${targets.shape}].`, {
    fix: 'Give one prediction for each target token.',
  });
}
