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
 * place: with x̂ = (x − μ)/√(σ² + ε), scale γ, offset β, kernel W and bias b,
 * (γx̂ + β)W + b = x̂K + (βW + b), where K = γW less the mean of each column, which x̂ does not see, for its own is 0.
 * Weights are few and tokens many: this spares the tokens two passes, and five more in the gradient.
 * @param norm a `layerNorm` with the default ε
 * @param layers what comes after it
 * @param path scopes in `layers` that lead to the dense layer, which has a bias
 */
export function afterNorm<T extends tf.Tensor>(norm: NamedLayer<T>, layers: NamedLayer<T>, path: readonly string[]) {
  return (x: T, context: LayerContext): T => {
    const [before, after] = [context.scope(norm.name), context.scope(layers.name)];
    // Without gradients there is little to spare, and runtimes know a whole layer norm in exported files.
    if (!context.training) return layers.layer.apply(norm.layer.apply(x, before), after);
    return layers.layer.apply(standardForCentred(x), withNorm(after, path, before));
  };
}

/** The context in which the dense layer at `path` has K for its kernel and βW + b for its bias. */
function withNorm(context: LayerContext, path: readonly string[], norm: LayerContext): LayerContext {
  const [next, ...rest] = path;
  const scope = (name: string) => (name === next ? withNorm(context.scope(name), rest, norm) : context.scope(name));
  if (next !== undefined) return { ...context, scope };
  const get = (name: string) => {
    if (name === 'kernel') return centredKernel(context.get('kernel'), norm.get('scale'));
    const offset = tf.reshape<tf.Rank.R2>(norm.get('offset'), [1, -1]);
    return tf.add(tf.reshape(tf.matMul(offset, context.get('kernel')), [-1]), context.get(name));
  };
  return { ...context, get };
}

/** K. Gradients of it are products with x̂, so their columns have mean 0 as well: ∂W = γ∂K, and ∂γ sums W∂K over rows. */
function centredKernel(kernel: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  return analyticGradient(
    [kernel, scale],
    () => {
      const column = tf.reshape(scale, [-1, 1]);
      const scaled = tf.mul(kernel, column);
      return { value: tf.sub(scaled, tf.mean(scaled, 0, true)), saved: [kernel, column] };
    },
    (dy, kernel, column) => [tf.mul(dy, column), tf.sum(tf.mul(dy, kernel), 1)],
  );
}

/**
 * x̂ for products with K alone, whose rows of gradients g have mean 0 as K's columns do: ∂x = (g − x̂·mean(g·x̂))/√(σ² + ε).
 */
function standardForCentred<T extends tf.Tensor>(x: T): T {
  return analyticGradient<T>(
    [x],
    () => {
      const { standard, rstd } = standardRows(x);
      return { value: standard, saved: [standard, rstd] };
    },
    (g, standard, rstd) => {
      const along = tf.mul(standard, tf.mean(tf.mul(g, standard), -1, true));
      return [tf.mul(tf.sub(g, along), rstd)];
    },
  );
}
