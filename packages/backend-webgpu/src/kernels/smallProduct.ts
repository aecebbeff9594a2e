import { sizeOf, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';

/** Elements of results, in all matrices of a batch, for which tfjs takes a workgroup of 256 invocations each. */
const mostElements = 128;

/** Beyond this many terms, a sum is better shared between invocations. */
const mostTerms = 64;

const width = 64;

const program: Program = {
  name: 'small product',
  workgroup: width,
  inputs: { a: 'f32', b: 'f32' },
  outputs: { c: 'f32' },
  uniforms: {
    size: 'u32',
    rows: 'u32',
    columns: 'u32',
    terms: 'u32',
    aMatrix: 'u32',
    aRow: 'u32',
    aTerm: 'u32',
    bMatrix: 'u32',
    bTerm: 'u32',
    bColumn: 'u32',
  },
  code: `
fn main(group: u32, thread: u32) {
  let i = group * ${width}u + thread;
  if (i >= u.size) { return; }
  let column = i % u.columns;
  let row = i / u.columns % u.rows;
  let matrix = i / u.columns / u.rows;
  let aFirst = matrix * u.aMatrix + row * u.aRow;
  let bFirst = matrix * u.bMatrix + column * u.bColumn;
  var sum = 0.0;
  for (var term = 0u; term < u.terms; term++) {
    sum += a[aFirst + term * u.aTerm] * b[bFirst + term * u.bTerm];
  }
  c[i] = sum;
}`,
};

/**
 * Replaces products of small matrices of a tfjs backend by one invocation for each element: tfjs takes a workgroup, whose
 * eight barriers cost more than the few terms that it adds up, as in Newton's iterations.
 */
export function replaceSmallProducts(eager: string, dispatcher: Dispatcher): void {
  const { kernelFunc: found } = tf.getKernel(tf.BatchMatMul, eager);
  const ofTfjs = replaced.get(found) ?? found;
  const kernelFunc: tf.KernelFunc = (call) => {
    const { a, b } = call.inputs;
    const { transposeA, transposeB } = call.attrs ?? {};
    if (!(a instanceof tf.Tensor && b instanceof tf.Tensor)) return ofTfjs(call);
    return smallProduct(dispatcher, a, b, transposeA === true, transposeB === true) ?? ofTfjs(call);
  };
  replaced.set(kernelFunc, ofTfjs);
  tf.unregisterKernel(tf.BatchMatMul, eager);
  tf.registerKernel({ kernelName: tf.BatchMatMul, backendName: eager, kernelFunc });
}

/** What tfjs has in the place of each of these: a device that comes after another finds the other's. */
const replaced = new WeakMap<tf.KernelFunc, tf.KernelFunc>();

/** @returns nothing for products that are not small, or whose batches are broadcast in more than one dimension */
function smallProduct(
  dispatcher: Dispatcher,
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): tf.Tensor | undefined {
  const [m = 0, ofA = 0] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const [ofB = 0, n = 0] = transposeB ? b.shape.slice(-2).reverse() : b.shape.slice(-2);
  const batch = batchOf(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const size = sizeOf(batch ?? []) * m * n;
  const small = size > 0 && size <= mostElements && ofA > 0 && ofA <= mostTerms;
  if (!batch || !small || ofA !== ofB || a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  const uniforms = {
    size,
    rows: m,
    columns: n,
    terms: ofA,
    aMatrix: a.size > m * ofA ? m * ofA : 0,
    aRow: transposeA ? 1 : ofA,
    aTerm: transposeA ? m : 1,
    bMatrix: b.size > n * ofA ? n * ofA : 0,
    bTerm: transposeB ? 1 : n,
    bColumn: transposeB ? ofA : 1,
  };
  const groups = Math.ceil(size / width);
  return dispatcher.run(program, { inputs: [a, b], outputs: [[...batch, m, n]], uniforms, groups })[0];
}

/** The batch of the product where both have it, or one of them has a single matrix. */
function batchOf(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  if (sizeOf(a) === 1 && a.length <= b.length) return b;
  if (sizeOf(b) === 1 && b.length <= a.length) return a;
  return a.join() === b.join() ? a : undefined;
}
