import type { Normalisation } from './normalise';

/** Mean and standard deviation of the pixels of ImageNet's training images, per channel. */
export const imageNetStatistics: Normalisation = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Mean and standard deviation of the pixels of Fashion-MNIST's training images. */
export const fashionMnistStatistics: Normalisation = { mean: [0.286], std: [0.353] };

/** What recipes normalise by unless told otherwise: ImageNet's statistics for RGB, Fashion-MNIST's for grey. */
export function defaultStatistics(channels: 1 | 3): Normalisation {
  return channels === 1 ? fashionMnistStatistics : imageNetStatistics;
}
