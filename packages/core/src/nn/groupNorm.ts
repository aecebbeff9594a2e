import { UnlabelError } from '../errors';
import { tf } from '../tf';
import { ones, zeros } from './initializers';
import type { Layer } from './layer';
import { standardise } from './layerNorm';

/** Extents and constants of a {@link groupNorm} layer. */
export interface GroupNormOptions {
  /** Length of the last axis. */ readonly channels: number;
  /** Groups, which divide the channels (default 32). */ readonly groups?: number;
  /** ε, added to the variance (default 1e-5). */ readonly epsilon?: number;
}

/**
 * Group normalisation of images: each image's groups of channels by their own mean and variance, then a scale and an
 * offset for each channel. No batch statistics, so any batch size will do.
 * Variables: `scale` and `offset`, `[channels]`.
 * Input and output `[batch, height, width, channels]`.
 * @throws UnlabelError `INVALID_OPTION` when groups do not divide the channels; `SHAPE_MISMATCH` from `apply`
 * @see Wu & He, ECCV 2018, https://arxiv.org/abs/1803.08494
 */
export function groupNorm(options: GroupNormOptions): Layer<tf.Tensor4D, tf.Tensor4D> {
  const { channels, groups = 32, epsilon = 1e-5 } = options;
  if (channels % groups !== 0) {
    throw new UnlabelError('INVALID_OPTION', `${groups} groups do not divide ${channels} channels.`);
  }
  return {
    variables: {
      scale: { shape: [channels], initial: ones, trainable: true },
      offset: { shape: [channels], initial: zeros, trainable: true },
    },
    apply: (input, context) => {
      const [batch, height, width, last] = input.shape;
      if (input.rank !== 4 || last !== channels) {
        throw new UnlabelError(
          'SHAPE_MISMATCH',
          `Group norm was given [${input.shape}], not [..., ${channels}] images.`,
        );
      }
      const [pixels, size] = [height * width, channels / groups];
      const grouped = tf.transpose(tf.reshape(input, [batch, pixels, groups, size]), [0, 2, 1, 3]);
      const standard = standardise(tf.reshape(grouped, [batch, groups, pixels * size]), epsilon);
      const spread = tf.transpose(tf.reshape(standard, [batch, groups, pixels, size]), [0, 2, 1, 3]);
      const images: tf.Tensor4D = tf.reshape(spread, [batch, height, width, channels]);
      return tf.add(tf.mul(images, context.get('scale')), context.get('offset'));
    },
  };
}
