import { tf } from '../tf';
import { kaimingNormal } from './initializers';
import type { Layer } from './layer';
import { normaliseRows } from './normaliseRows';

/** Extents of {@link prototypes}. */
export interface PrototypesOptions {
  /** Length of a projection, and of a prototype. */ readonly dim: number;
  /** How many prototypes. */ readonly count: number;
}

/**
 * Cosine similarities with learned prototypes: the last layer of SwAV, and of DINO with weight norm whose gain stays 1.
 * Variable: `kernel`, `[count, dim]`, one prototype a row, of any length.
 * Input `[batch, dim]`, output `[batch, count]`.
 */
export function prototypes(options: PrototypesOptions): Layer<tf.Tensor2D, tf.Tensor2D> {
  const { dim, count } = options;
  return {
    variables: {
      kernel: { shape: [count, dim], initial: kaimingNormal({ fan: 'out', gain: 1 }), trainable: true }, // rows of norm 1
    },
    apply: (z, context) => prototypeScores(z, context.get('kernel')),
  };
}

/**
 * ẑ ĉᵀ, what {@link prototypes} computes, for methods that freeze the kernel or take it from elsewhere.
 * @param z `[batch, dim]`, not normalised
 * @param kernel prototypes c, `[count, dim]`, not normalised
 * @returns `[batch, count]`, in [−1, 1]
 */
export function prototypeScores(z: tf.Tensor2D, kernel: tf.Tensor): tf.Tensor2D {
  return tf.matMul(normaliseRows(z), normaliseRows(kernel), false, true);
}
