import { tf } from './tf';

/** What `projectViews` gives of two views, `[2 · batch, dim]`, by view: each `[batch, dim]`. */
export function twoViews(z: tf.Tensor2D): readonly [tf.Tensor2D, tf.Tensor2D] {
  const batch = z.shape[0] / 2;
  return [tf.slice2d(z, [0, 0], [batch, -1]), tf.slice2d(z, [batch, 0], [batch, -1])];
}
