import { UnlabelError } from '../errors';
import { tf } from '../tf';
import { kaimingNormal, zeros } from './initializers';
import type { Initializer, Layer } from './layer';

/** Extents, geometry and variables of a {@link conv2d} layer. */
export interface Conv2dOptions {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Height and width of the kernel (default 3). */ readonly kernelSize?: number;
  /** Default 1. */ readonly stride?: number;
  /**
   * Zeros around the image: `'same'` and `'valid'` as in TensorFlow, or that many pixels on every side as in PyTorch
   * (default ⌊kernelSize / 2⌋). With stride 2, `'same'` pads right and below only, so the two differ.
   */
  readonly padding?: 'same' | 'valid' | number;
  /** Default false: convolutions stand before norms. */ readonly bias?: boolean;
  /** Default Kaiming normal, fan out, as ResNet's. */ readonly kernelInitializer?: Initializer;
}

/**
 * Convolution of images.
 * Variables: `kernel` `[kernelSize, kernelSize, inputChannels, outputChannels]`, `bias` `[outputChannels]`.
 * Input `[batch, height, width, inputChannels]`, output `[batch, newHeight, newWidth, outputChannels]`.
 */
export function conv2d(options: Conv2dOptions): Layer<tf.Tensor4D, tf.Tensor4D> {
  const { inputChannels, outputChannels, kernelSize = 3, stride = 1, bias = false } = options;
  const { padding = Math.floor(kernelSize / 2), kernelInitializer = kaimingNormal({ fan: 'out' }) } = options;
  const shape = [kernelSize, kernelSize, inputChannels, outputChannels];
  const kernel = { shape, initial: kernelInitializer, trainable: true };
  const offset = { shape: [outputChannels], initial: zeros, trainable: true };
  return {
    variables: bias ? { kernel, bias: offset } : { kernel },
    apply: (input, context) => {
      requireImages(input, inputChannels);
      const filter = tf.reshape<tf.Rank.R4>(context.get('kernel'), [
        kernelSize,
        kernelSize,
        inputChannels,
        outputChannels,
      ]);
      const output = tf.conv2d(input, filter, stride, padding);
      return bias ? tf.add(output, context.get('bias')) : output;
    },
  };
}

function requireImages(input: tf.Tensor, inputChannels: number): void {
  if (input.shape.length === 4 && input.shape[3] === inputChannels) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `conv2d was given [${input.shape}], but needs [batch, height, width, ${inputChannels}].`,
    { fix: 'Images are channels-last; grey ones have one channel.' },
  );
}
