import { requirePositive, tf } from '@unlabel/core';
import { requireSamples } from './requireSamples';

/*
 * Tests of all dimensions of z at once against N(0, I): nothing is standardised, unlike in the papers, so that mean and
 * covariance are tested, too. Below, r_i = ‖z_i‖², D_ij = ‖z_i − z_j‖² and S_ij = ‖z_i + z_j‖². All cost batch² · dim, and
 * none changes when z is rotated.
 */

export interface BhepOptions {
  /** β, reciprocal width of the kernel, > 0 (default 1; LeJEPA's code: 0.1). */ beta?: number;
}

/**
 * BHEP, the distance of z's characteristic function from that of N(0, I) under a normal weight of variance β²:
 * mean_ij e^{−β²D/2} − 2(1 + β²)^{−dim/2} mean_i e^{−β²r/2(1 + β²)} + (1 + 2β²)^{−dim/2}. The test statistic is n times it.
 * @param z `[..., batch, dim]`
 * @returns the distance of each batch, `[...]`, ≥ 0
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Baringhaus & Henze, Metrika 1988, https://doi.org/10.1007/BF02613322
 */
export function bhep(z: tf.Tensor, options: BhepOptions = {}): tf.Tensor {
  const { beta = 1 } = options;
  requireSamples(z);
  requirePositive({ beta });
  const square = beta * beta;
  const dim = z.shape.at(-1) ?? 1;
  return tf.tidy(() => {
    const { r, products } = scalarProducts(z);
    const distances = tf.sub(pairSums(r), tf.mul(2, products));
    // The three exponentials nearly cancel: of each, 1 is taken off, which cancels exactly.
    const pairs = tf.mean(tf.expm1(tf.mul(-square / 2, distances)), [-2, -1]);
    const exponent = tf.sub(tf.mul(-square / (2 * (1 + square)), r), (dim / 2) * Math.log1p(square));
    const singles = tf.mean(tf.expm1(exponent), -1);
    return tf.add(tf.sub(pairs, tf.mul(2, singles)), Math.expm1((-dim / 2) * Math.log1p(2 * square)));
  });
}

/**
 * Henze–Zirkler: {@link bhep} of the width β = 2^{−1/2} [(2 dim + 1)n/4]^{1/(dim + 4)}, narrower the more samples there are.
 * @param z `[..., batch, dim]`
 * @returns the distance of each batch, `[...]`, ≥ 0
 * @throws UnlabelError `SHAPE_MISMATCH`
 * @see Henze & Zirkler, Communications in Statistics 1990, https://doi.org/10.1080/03610929008830400
 */
export function henzeZirkler(z: tf.Tensor): tf.Tensor {
  requireSamples(z);
  const [n = 1, dim = 1] = z.shape.slice(-2);
  return bhep(z, { beta: Math.SQRT1_2 * (((2 * dim + 1) * n) / 4) ** (1 / (dim + 4)) });
}

export interface ExponentialTestOptions {
  /** γ, > 0: the lower, the more far samples count. */ gamma?: number;
}

/**
 * COMB, of characteristic and moment generating function, whose product is 1 for N(0, I) alone:
 * √n (mean_ij [e^{(r_i − r_j)/4γ} cos(z_i·z_j/2γ)] − 1), by default with γ = 1/2. Overflows where r_i − r_j > 350γ.
 * @param z `[..., batch, dim]`
 * @returns the statistic of each batch, `[...]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Henze, Jiménez-Gamero & Meintanis, Econometric Theory 2019, https://doi.org/10.1017/S0266466618000154
 */
export function comb(z: tf.Tensor, options: ExponentialTestOptions = {}): tf.Tensor {
  const { gamma = 0.5 } = options;
  requireSamples(z);
  requirePositive({ gamma });
  const n = z.shape.at(-2) ?? 1;
  return tf.tidy(() => {
    const { r, products } = scalarProducts(z);
    const a = tf.div(tf.sub(tf.expandDims(r, -1), tf.expandDims(r, -2)), 4 * gamma);
    const b = tf.div(products, 2 * gamma);
    // Pairs (i, j) and (j, i) add up to cosh a cos b, and cosh a cos b − 1 = 2 sinh²(a/2) cos b − 2 sin²(b/2).
    const growth = tf.mul(tf.square(tf.sinh(tf.div(a, 2))), tf.cos(b));
    const turn = tf.square(tf.sin(tf.div(b, 2)));
    return tf.mul(2 * Math.sqrt(n), tf.mean(tf.sub(growth, turn), [-2, -1]));
  });
}

/**
 * HV, how far z's moment generating function m is from solving ∇m(t) = t m(t), as that of N(0, I) does alone:
 * n mean_ij e^{S/4γ} (z_i·z_j − S/2γ + dim/2γ + S/4γ²), by default with γ = 2. Overflows where S > 350γ.
 * @param z `[..., batch, dim]`
 * @returns the statistic of each batch, `[...]`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Henze & Visagie, Annals of the Institute of Statistical Mathematics 2020, https://doi.org/10.1007/s10463-019-00719-8
 */
export function henzeVisagie(z: tf.Tensor, options: ExponentialTestOptions = {}): tf.Tensor {
  const { gamma = 2 } = options;
  requireSamples(z);
  requirePositive({ gamma });
  const [n = 1, dim = 1] = z.shape.slice(-2);
  return tf.tidy(() => {
    const { r, products } = scalarProducts(z);
    const sums = tf.add(pairSums(r), tf.mul(2, products));
    const polynomial = tf.add(products, tf.mul(sums, 1 / (4 * gamma * gamma) - 1 / (2 * gamma)));
    const terms = tf.mul(tf.exp(tf.div(sums, 4 * gamma)), tf.add(polynomial, dim / (2 * gamma)));
    return tf.mul(n, tf.mean(terms, [-2, -1]));
  });
}

/** r_i, `[..., batch]`, and z_i·z_j, `[..., batch, batch]`. */
function scalarProducts(z: tf.Tensor): Record<'r' | 'products', tf.Tensor> {
  return { r: tf.sum(tf.square(z), -1), products: tf.matMul(z, z, false, true) };
}

/** r_i + r_j. */
function pairSums(r: tf.Tensor): tf.Tensor {
  return tf.add(tf.expandDims(r, -1), tf.expandDims(r, -2));
}
