import type { GraphNode } from '../graph/graph';

/** What ONNX Runtime can compute with: the CPU through native code or WebAssembly, or an accelerator. */
export type OnnxProvider = 'cpu' | 'cuda' | 'coreml' | 'directml' | 'webgpu' | 'wasm';

/** What the backend knows of one of ONNX Runtime's execution providers. */
export interface Provider {
  /** What ONNX Runtime calls it. */ readonly key: string;
  /** Where ONNX Runtime brings it along. */ readonly where: string;
  /** What it needs besides, for when it does not start. */ readonly needs: string;
  /**
   * Whether steps are captured with standard operators alone. Those of ONNX Runtime's own are chosen for its CPU kernels,
   * and other providers lack them or, worse, ignore some of their inputs.
   */
  readonly portable: boolean;
  /** Which nodes it takes on though it cannot run them, so that they must be sent to the CPU by name (default none). */
  readonly lacks?: (node: GraphNode) => boolean;
  /**
   * What becomes of state between steps: the outputs of a step are written `'in place'`, into host memory that stays; or
   * they are new tensors, in host memory (`'cpu'`) or on the device (`'gpu-buffer'`), and are what the next step is fed.
   */
  readonly state: 'in place' | 'cpu' | 'gpu-buffer';
}

/** Everything that depends on the provider. */
export const providers: Readonly<Record<OnnxProvider, Provider>> = {
  cpu: {
    key: 'cpu',
    where: 'in Node on Linux and Windows (x64, arm64) and macOS (arm64)',
    needs: 'Reinstall onnxruntime-node.',
    portable: false,
    state: 'in place',
  },
  cuda: {
    key: 'cuda',
    where: 'in Node on Linux (x64)',
    needs:
      'Its libraries are not in the npm package: install onnxruntime-node with its script (without ONNXRUNTIME_NODE_INSTALL=skip; allow its build in pnpm), and CUDA 12 with cuDNN 9.',
    portable: true,
    state: 'cpu',
  },
  coreml: {
    key: 'coreml',
    where: 'in Node on macOS (arm64)',
    needs: 'It needs macOS 10.15 or newer.',
    portable: true,
    state: 'cpu',
  },
  directml: {
    key: 'dml',
    where: 'in Node on Windows (x64, arm64)',
    needs: 'It needs a GPU with DirectX 12.',
    portable: true,
    state: 'cpu',
  },
  webgpu: {
    key: 'webgpu',
    where: 'in Node on Linux (x64), Windows (x64, arm64) and macOS (arm64), and in browsers',
    needs:
      'It needs a GPU with its driver, on Linux for Vulkan; in a browser, WebGPU and a page from https or localhost.',
    portable: true,
    lacks: lackingInWebgpu,
    state: 'gpu-buffer',
  },
  wasm: {
    key: 'wasm',
    where: 'in browsers',
    needs: "Serve the .wasm files of onnxruntime-web's dist folder, and say where with onnx({ wasmPaths: '/path/' }).",
    portable: false,
    state: 'cpu',
  },
};

/**
 * With the batch last, images have three axes for windows to move along. There WebGPU has plain convolutions, and neither
 * grouped nor transposed ones; and nowhere has it the places of maxima.
 */
function lackingInWebgpu({ op, inputs: [x], outputs, attributes }: GraphNode): boolean {
  if (op === 'MaxPool') return outputs.length > 1;
  if (x?.shape.length !== 5) return false;
  return op === 'ConvTranspose' || (op === 'Conv' && (attributes.group ?? 1) !== 1);
}

/** All of them. */
export const providerNames = ['cpu', 'cuda', 'coreml', 'directml', 'webgpu', 'wasm'] as const satisfies OnnxProvider[];
