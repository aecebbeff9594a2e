import type { Features } from './features';

/**
 * Learns each dimension's mean and standard deviation (over n, not n − 1) from `reference`, and returns what shifts and
 * scales features by them. A dimension that is constant in `reference` is only shifted, as scikit-learn does.
 */
export function standardiser(reference: Features): <Data extends Features>(data: Data) => Data {
  const { dim } = reference;
  const means = columnMeans(reference, (value) => value);
  const variances = columnMeans(reference, (value, column) => (value - (means[column] ?? 0)) ** 2);
  const scales = variances.map((variance, column) => {
    const std = Math.sqrt(variance);
    return std > 1e-6 * Math.abs(means[column] ?? 0) ? 1 / std : 1; // below: float32 rounding of one value
  });
  return (data) => ({
    ...data,
    features: data.features.map((value, at) => (value - (means[at % dim] ?? 0)) * (scales[at % dim] ?? 1)),
  });
}

function columnMeans({ features, count, dim }: Features, of: (value: number, column: number) => number): Float64Array {
  const sums = new Float64Array(dim);
  for (let row = 0, at = 0; row < count; row++) {
    for (let column = 0; column < dim; column++, at++) {
      sums[column] = (sums[column] ?? 0) + of(features[at] ?? 0, column) / count;
    }
  }
  return sums;
}
