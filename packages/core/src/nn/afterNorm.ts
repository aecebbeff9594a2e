import { runsFused } from '../fusedOp';
import { tf } from '../tf';
import { analyticGradient } from './analyticGradient';
import type { Layer, LayerContext } from './layer';
import { standardRows } from './layerNorm';

/** A layer whose own context is the scope `name`. */
export interface NamedLayer<T extends tf.Tensor> {
  readonly name: string;
  readonly layer: Layer<T, T>;
}

/**
 * Layers after a layer norm that one dense layer alone reads. While training, that layer scales and shifts in the norm's
 * place: with x̂ = (x − μ)/√(σ² + ε), n elements long, scale γ, offset β, kernel W and bias b,
 * (γx̂ + β)W + b = x̂K + c = (x̂ + 1)(K + c/n), where c = βW + b, and K is γW less the mean of each column.
 * For Σx̂ = 0, which K may lose what x̂ does not see by, and the sum of x̂ + 1 is n, which multiplies c/n.
 * Weights are few and tokens many: this spares the tokens the scale, both offsets, and what gradients add up for them.
 * @param norm a `layerNorm` with the default ε
 * @param layers what comes after it
 * @param path scopes in `layers` that lead to the dense layer, which has a bias
 */
export function afterNorm<T extends tf.Tensor>(norm: NamedLayer<T>, layers: NamedLayer<T>, path: readonly string[]) {
  return (x: T, context: LayerContext): T => {
    const [before, after] = [context.scope(norm.name), context.scope(layers.name)];
    // Without gradients there is little to spare, and runtimes know a whole layer norm in exported files.
    // One kernel for all of a layer norm spares more than this does.
    if (!context.training || runsFused('layerNorm')) return layers.layer.apply(norm.layer.apply(x, before), after);
    return layers.layer.apply(standardPlusOne(x), withNorm(after, path, before));
  };
}

/** The context in which the dense layer at `path` has K + c/n for its kernel, and no bias to speak of. */
function withNorm(context: LayerContext, path: readonly string[], norm: LayerContext): LayerContext {
  const [next, ...rest] = path;
  const scope = (name: string) => (name === next ? withNorm(context.scope(name), rest, norm) : context.scope(name));
  if (next !== undefined) return { ...context, scope };
  const get = (name: string) =>
    name === 'kernel'
      ? context.shared('afterNorm', () => joinedKernel(context, norm))
      : tf.zeros([...context.get(name).shape]);
  return { ...context, get };
}

/** K + c/n */
function joinedKernel(dense: LayerContext, norm: LayerContext): tf.Tensor {
  const [kernel, scale, offset] = [dense.get('kernel'), norm.get('scale'), norm.get('offset')];
  const scaled = tf.mul(kernel, tf.reshape(scale, [-1, 1]));
  const shift = tf.add(tf.matMul(tf.reshape<tf.Rank.R2>(offset, [1, -1]), kernel), dense.get('bias'));
  return tf.add(tf.sub(scaled, tf.mean(scaled, 0, true)), tf.div(shift, scale.size));
}

/** s = x̂ + 1: with the gradient g of it, a = mean(g·s) and m = mean(g), ∂x = (g − m − x̂(a − m))/√(σ² + ε). */
function standardPlusOne<T extends tf.Tensor>(x: T): T {
  return analyticGradient<T>(
    [x],
    () => {
      const { standard, rstd } = standardRows(x);
      const value = tf.add<T>(standard, 1);
      return { value, saved: [value, rstd] };
    },
    (g, s, rstd) => {
      const mean = tf.mean(g, -1, true);
      const slope = tf.sub(tf.mean(tf.mul(g, s), -1, true), mean);
      return [tf.mul(tf.sub(tf.sub(g, tf.mul(s, slope)), tf.sub(mean, slope)), rstd)];
    },
  );
}
