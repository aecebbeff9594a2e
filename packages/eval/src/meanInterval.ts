/** 97.5 % quantiles of Student's t by degrees of freedom, from 1. */
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** A mean over seeds or draws. */
export interface MeanInterval {
  readonly mean: number;
  /** Half of the 95 % interval by Student's t; missing for a single value. */ readonly confidence95?: number;
  /** Of a single value, over n − 1; missing for one value. */ readonly standardDeviation?: number;
  readonly values: readonly number[];
}

/** Mean of one value or more, with its 95 % interval by Student's t. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, values };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const t = studentT[count - 2] ?? 1.96;
  return { mean, confidence95: t * Math.sqrt(variance / count), standardDeviation: Math.sqrt(variance), values };
}
