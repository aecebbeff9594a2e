import { UnlabelError } from '../errors';
import { tf } from '../tf';

/**
 * Cuts images into square patches, row by row; inside a patch the order is (row, column, channel).
 * @param images `[batch, height, width, channels]`, height and width divisible by `patchSize`
 * @returns `[batch, patches, patchSize² · channels]`
 * @throws UnlabelError `INVALID_OPTION`, naming the nearest sizes that are divisible
 */
export function patchify(images: tf.Tensor4D, patchSize: number): tf.Tensor3D {
  const [batch, height, width, channels] = images.shape;
  const [rows, columns] = patchGrid([height, width], patchSize);
  const cut = tf.reshape(images, [batch, rows, patchSize, columns, patchSize, channels]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows * columns, patchSize * patchSize * channels]);
}

/**
 * Puts patches back together: the inverse of {@link patchify}.
 * @param patches `[batch, rows · columns, patchSize² · channels]`
 * @param grid rows and columns
 * @returns `[batch, rows · patchSize, columns · patchSize, channels]`
 */
export function unpatchify(patches: tf.Tensor3D, patchSize: number, grid: readonly [number, number]): tf.Tensor4D {
  const [batch, , length] = patches.shape;
  const [[rows, columns], channels] = [grid, length / (patchSize * patchSize)];
  const cut = tf.reshape(patches, [batch, rows, columns, patchSize, patchSize, channels]);
  return tf.reshape(tf.transpose(cut, [0, 1, 3, 2, 4, 5]), [batch, rows * patchSize, columns * patchSize, channels]);
}

/**
 * Rows and columns of patches.
 * @param size height and width of the image
 * @throws UnlabelError `INVALID_OPTION`, naming the nearest sizes that are divisible
 */
export function patchGrid(size: readonly [number, number], patchSize: number): [number, number] {
  if (size.every((extent) => extent % patchSize === 0)) return [size[0] / patchSize, size[1] / patchSize];
  const near = (round: (count: number) => number) =>
    size.map((extent) => patchSize * Math.max(1, round(extent / patchSize))).join(' × ');
  const sizes = [...new Set([near(Math.floor), near(Math.ceil)])];
  throw new UnlabelError(
    'INVALID_OPTION',
    `Images of ${size.join(' × ')} do not divide into patches of ${patchSize}.`,
    {
      fix: `Resize them to ${sizes.join(' or ')}, or choose another patch size.`,
    },
  );
}
