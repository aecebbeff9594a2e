import { sizeOf } from '../hostTensor';
import type { RandomStream } from '../random';
import type { Initializer } from './layer';

/** Which count of connections sets the spread: of inputs to a unit, or of units that an input reaches. */
export type Fan = 'in' | 'out';

/** How wide a Kaiming initializer spreads. */
export interface KaimingOptions {
  /** Default `'in'`: keeps the variance of the forward pass; `'out'` keeps that of the backward pass. */
  readonly fan?: Fan;
  /** Default √2, for ReLU. PyTorch's default for linear and convolution layers is 1/√3. */ readonly gain?: number;
}

/** All 0. */
export const zeros: Initializer = (shape) => new Float32Array(sizeOf(shape));

/** All 1. */
export const ones: Initializer = (shape) => new Float32Array(sizeOf(shape)).fill(1);

/** Normal with standard deviation gain/√fan (He et al. 2015, eq. 10), https://arxiv.org/abs/1502.01852 */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  const { fan = 'in', gain = Math.SQRT2 } = options;
  return (shape, random) => fill(shape, () => (gain / Math.sqrt(fans(shape)[fan])) * random.normal());
}

/** Uniform with standard deviation gain/√fan, that is in ±gain·√(3/fan). */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  const { fan = 'in', gain = Math.SQRT2 } = options;
  return (shape, random) => uniform(shape, random, gain * Math.sqrt(3 / fans(shape)[fan]));
}

/** Uniform in ±√(6/(fan in + fan out)) (Glorot & Bengio, AISTATS 2010, eq. 16). */
export const xavierUniform: Initializer = (shape, random) =>
  uniform(shape, random, Math.sqrt(6 / (fans(shape).in + fans(shape).out)));

/** Normal, re-drawn beyond 2 standard deviations. @param std before truncation (default 0.02, as vision transformers') */
export function truncatedNormal(std = 0.02): Initializer {
  const draw = (random: RandomStream): number => {
    for (;;) {
      const value = random.normal();
      if (Math.abs(value) <= 2) return std * value;
    }
  };
  return (shape, random) => fill(shape, () => draw(random));
}

/** Of `[in, out]`, or `[height, width, in, out]`. */
function fans(shape: readonly number[]): Record<Fan, number> {
  const [inputs = 1, outputs = 1] = shape.slice(-2);
  const receptive = sizeOf(shape.slice(0, -2));
  return { in: receptive * inputs, out: receptive * outputs };
}

function uniform(shape: readonly number[], random: RandomStream, bound: number): Float32Array {
  return fill(shape, () => random.uniform(-bound, bound));
}

function fill(shape: readonly number[], value: () => number): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, value);
}
