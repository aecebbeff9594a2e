import type { LabelledFeatures } from '@unlabel/core';
import type { Features } from './features';
import { inverseFactor } from './hessianBound';
import { type Differentiable, minimise } from './lbfgs';
import { type Matrix, matrixMemory, writeRows } from './matrixMemory';

/** A linear classifier: scores are weights·features + bias. */
export interface LinearClassifier {
  /** `[classes, dim]`, row-major. */ readonly weights: Float64Array;
  /** `[classes]`. */ readonly bias: Float64Array;
}

/** A fitted classifier and how the fit went. */
export interface SoftmaxFit extends LinearClassifier {
  /** The minimised function: mean cross-entropy + (l2/2)‖W‖². */ readonly loss: number;
  readonly iterations: number;
  /** Whether the gradient vanished; otherwise the fit stopped at its limit of steps or of float32. */
  readonly converged: boolean;
}

export interface FitOptions {
  /** Where to begin: the fit of a similar penalty saves steps (default: zeros). */ readonly start?: LinearClassifier;
  /** Done when no component of the gradient is larger (default 2e-5; scikit-learn stops at 1e-4). */ readonly tolerance?: number;
  /** Steps at most (default 500). */ readonly maxIterations?: number;
}

/** One training set, to be fitted with any number of penalties. */
export interface SoftmaxRegression {
  /** @param l2 weight of the penalty, ≥ 0 */
  fit(l2: number, options?: FitOptions): SoftmaxFit;
}

/**
 * Multinomial logistic regression: minimises (1/n) Σ −log softmax(W x + b)_y + (l2/2)‖W‖², the bias free. In
 * scikit-learn's terms C = 1/(l2·n). L-BFGS starts from the inverse of Böhning's bound on the Hessian,
 * ½ XᵀX/n + l2 I for every class, which makes correlated features cost no more steps than independent ones.
 * @see Böhning, Annals of the Institute of Statistical Mathematics 44, 1992
 */
export function softmaxRegression(data: LabelledFeatures): SoftmaxRegression {
  const { count, dim, classes } = data;
  const memory = matrixMemory();
  const rows = memory.matrix(count, dim, data.features); // X
  const columns = memory.matrix(dim, count, transpose(data)); // Xᵀ
  const weights = memory.matrix(classes, dim); // W
  const scores = memory.matrix(classes, count); // W Xᵀ, then (softmax − onehot)/n
  const products = memory.matrix(classes, dim);
  const factor = memory.matrix(dim, dim);
  const inverse = memory.matrix(dim, dim);
  const moments = memory.matrix(dim, dim); // XᵀX
  memory.dotProducts(columns, columns, moments);
  const split = classes * dim;
  const loss =
    (l2: number): Differentiable =>
    (point, gradient) => {
      writeRows(weights, Float32Array.from(point.subarray(0, split)));
      memory.dotProducts(weights, rows, scores);
      const crossEntropy = toResiduals(scores, point.subarray(split), data.labels);
      memory.dotProducts(scores, columns, products);
      return crossEntropy + fillGradient(point, gradient, { products, scores, l2 });
    };
  const precondition = (gradient: Float64Array) => {
    writeRows(weights, Float32Array.from(gradient.subarray(0, split)));
    memory.dotProducts(weights, inverse, products);
    const { stride, values } = products;
    for (let label = 0; label < classes; label++) {
      gradient.set(values.subarray(label * stride, label * stride + dim), label * dim);
    }
    for (let at = split; at < gradient.length; at++) gradient[at] = 2 * (gradient[at] ?? 0);
  };
  return {
    fit: (l2, options = {}) => {
      const { start, tolerance = 2e-5, maxIterations = 500 } = options;
      const from = new Float64Array(split + classes);
      if (start) from.set([...start.weights, ...start.bias]);
      writeRows(factor, inverseFactor(moments, count, l2));
      memory.dotProducts(factor, factor, inverse);
      const { point, value, iterations, converged } = minimise(loss(l2), from, {
        precondition,
        tolerance,
        maxIterations,
      });
      return { weights: point.slice(0, split), bias: point.slice(split), loss: value, iterations, converged };
    },
  };
}

/** The class of the largest score per row. */
export function classify(classifier: LinearClassifier, { features, count, dim }: Features): Int32Array {
  const classes = classifier.bias.length;
  const memory = matrixMemory();
  const weights = memory.matrix(classes, dim, Float32Array.from(classifier.weights));
  const rows = memory.matrix(count, dim, features);
  const scores = memory.matrix(classes, count);
  memory.dotProducts(weights, rows, scores);
  const { values, stride } = scores;
  const predictions = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    let best = Number.NEGATIVE_INFINITY;
    for (let label = 0; label < classes; label++) {
      const score = (values[label * stride + row] ?? 0) + (classifier.bias[label] ?? 0);
      if (score <= best) continue;
      best = score;
      predictions[row] = label;
    }
  }
  return predictions;
}

/** Replaces scores by (softmax(score + bias) − onehot)/n, and returns the mean cross-entropy. */
function toResiduals(scores: Matrix, bias: Float64Array, labels: Int32Array): number {
  const { rows: classes, columns: count, stride, values } = scores;
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const sums = new Float64Array(count);
  for (let label = 0; label < classes; label++) {
    for (let row = 0, at = label * stride; row < count; row++, at++) {
      const score = (values[at] ?? 0) + (bias[label] ?? 0);
      if (score > (largest[row] ?? 0)) largest[row] = score;
    }
  }
  let crossEntropy = 0;
  for (let row = 0; row < count; row++) {
    const label = labels[row] ?? 0;
    crossEntropy += (largest[row] ?? 0) - (values[label * stride + row] ?? 0) - (bias[label] ?? 0);
  }
  for (let label = 0; label < classes; label++) {
    for (let row = 0, at = label * stride; row < count; row++, at++) {
      const weight = Math.exp((values[at] ?? 0) + (bias[label] ?? 0) - (largest[row] ?? 0));
      values[at] = weight;
      sums[row] = (sums[row] ?? 0) + weight;
    }
  }
  for (let row = 0; row < count; row++) crossEntropy += Math.log(sums[row] ?? 1);
  for (let label = 0; label < classes; label++) {
    for (let row = 0, at = label * stride; row < count; row++, at++) {
      const hit = labels[row] === label ? 1 : 0;
      values[at] = ((values[at] ?? 0) / (sums[row] ?? 1) - hit) / count;
    }
  }
  return crossEntropy / count;
}

/** The gradient by weights (products + l2 W) and bias (row sums of the residuals); returns the penalty (l2/2)‖W‖². */
function fillGradient(
  point: Float64Array,
  gradient: Float64Array,
  parts: { readonly products: Matrix; readonly scores: Matrix; readonly l2: number },
): number {
  const { products, scores, l2 } = parts;
  const { rows: classes, columns: dim, stride, values } = products;
  const residuals = scores.values;
  let squares = 0;
  for (let label = 0; label < classes; label++) {
    for (let column = 0; column < dim; column++) {
      const weight = point[label * dim + column] ?? 0;
      gradient[label * dim + column] = (values[label * stride + column] ?? 0) + l2 * weight;
      squares += weight * weight;
    }
    let sum = 0;
    const first = label * scores.stride;
    for (let at = first; at < first + scores.columns; at++) sum += residuals[at] ?? 0;
    gradient[classes * dim + label] = sum;
  }
  return (l2 / 2) * squares;
}

function transpose({ features, count, dim }: Features): Float32Array {
  const transposed = new Float32Array(features.length);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < dim; column++) {
      transposed[column * count + row] = features[row * dim + column] ?? 0;
    }
  }
  return transposed;
}
