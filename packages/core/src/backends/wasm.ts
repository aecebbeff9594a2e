import type { Availability, Backend } from '../backend';
import { tf } from '../tf';
import { openEagerSession } from './eager';

/** Where the binaries come from. */
export interface WasmOptions {
  /** Folder or URL prefix of tfjs's `.wasm` files, ending in `/` (default: beside tfjs's script, which Node finds). */
  readonly path?: string;
  /** The URL of each by its name (`tfjs-backend-wasm.wasm`, `-simd` and `-threaded-simd` before the dot), for bundlers that rename them; in place of `path`. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * tfjs's WebAssembly backend: several times faster than `cpu`, in Node and in browsers. It embeds with every model, and
 * trains those without convolutions: tfjs has no filter gradient for it.
 */
export function wasm(options: WasmOptions = {}): Backend {
  const { path, files } = options;
  return {
    name: 'wasm',
    probe: async () => availability(),
    open: async ({ threads } = {}) => {
      const { setThreadsCount, setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
      const places = files ?? path;
      if (places !== undefined) setWasmPaths(places);
      if (threads !== undefined) setThreadsCount(threads);
      withdrawWrongKernels();
      transposeBeforeProducts();
      return openEagerSession('wasm', 'wasm');
    },
  };
}

/**
 * tfjs's MaxPoolGrad gives zeros here, and its Cast truncates 0.3 to false. The first is withdrawn, so that a step that
 * needs it is refused by name instead of training on nothing; the second is replaced.
 */
function withdrawWrongKernels(): void {
  const cast = tf.getKernel('Cast', 'wasm');
  if (!cast || !tf.getKernel('MaxPoolGrad', 'wasm')) return; // already done
  tf.unregisterKernel('MaxPoolGrad', 'wasm');
  tf.unregisterKernel('Cast', 'wasm');
  tf.registerKernel({
    ...cast,
    kernelFunc: (args) => {
      const { x } = args.inputs;
      return args.attrs?.dtype === 'bool' && x instanceof tf.Tensor ? tf.notEqual(x, 0) : cast.kernelFunc(args);
    },
  });
}

/**
 * Products of transposed matrices, half of all in a training step, take tfjs's own loop, which is several times slower than
 * the routine for products of matrices as they are: so they are transposed first.
 */
function transposeBeforeProducts(): void {
  const product = tf.getKernel('BatchMatMul', 'wasm');
  if (!product || replaced.has(product.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (args) => {
    const { a, b } = args.inputs;
    const { transposeA, transposeB } = args.attrs ?? {};
    if (!(isMatrix(a) && isMatrix(b))) return product.kernelFunc(args);
    const inputs = { a: transposeA ? tf.transpose(a) : a, b: transposeB ? tf.transpose(b) : b };
    const result = product.kernelFunc({ ...args, inputs, attrs: { transposeA: false, transposeB: false } });
    if (transposeA) inputs.a.dispose();
    if (transposeB) inputs.b.dispose();
    return result;
  };
  replaced.add(kernelFunc);
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({ ...product, kernelFunc });
}

function isMatrix(tensor: tf.TensorInfo | undefined): tensor is tf.Tensor2D {
  return tensor instanceof tf.Tensor && tensor.rank === 2;
}

const replaced = new WeakSet<tf.KernelFunc>();

/** Whether the smallest module, a header alone, is valid here. */
function availability(): Availability {
  const header = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  if (typeof WebAssembly === 'object' && WebAssembly.validate(header)) {
    return { available: true, detail: 'WebAssembly; cannot train convolutions (no Conv2DBackpropFilter)' };
  }
  return {
    available: false,
    reason: 'this JavaScript engine has no WebAssembly',
    fix: 'Start Node without --jitless, or use a current browser.',
  };
}
