import type { Engine } from './engine';
import type { OnnxProvider } from './providers';

/** ONNX Runtime's module: onnxruntime-node's, or the same part of onnxruntime-web's. */
export type OnnxRuntime = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor' | 'env'>;

/** Where steps run: in a thread of their own, or in the one that asks for them. */
export type StepThread = 'worker' | 'main';

/** What ONNX Runtime is started with. */
export interface RuntimeSettings {
  readonly provider: OnnxProvider;
  /** Threads that one step computes with on a CPU. */ readonly threads: number;
  /** URL of the folder of onnxruntime-web's `.wasm` files. */ readonly wasmPaths?: string;
  /** What `'webgpu'` computes on, instead of a device of ONNX Runtime's own. */ readonly device?: GPUDevice;
}

/** What differs between Node and browsers. Importing `#host` gives the one of the other that the code runs in. */
export interface Host {
  /** What it is, for messages. */ readonly name: string;
  readonly defaultProvider: OnnxProvider;
  readonly defaultThread: StepThread;
  /** Whether ONNX Runtime can compute on a WebGPU device that others made. */ readonly sharesDevices: boolean;
  /** How many threads there are to compute with. */ threads(): number;
  /** Why there is one thread, whatever is asked for; nothing where there can be more. */ singleThreaded():
    | string
    | undefined;
  /** Keys of the providers that ONNX Runtime brings along here. @throws UnlabelError as `load` does */
  offered(): Promise<readonly string[]>;
  /**
   * Imports ONNX Runtime, and not before it is needed: it is large.
   * @throws UnlabelError `PEER_MISSING`, `BACKEND_UNAVAILABLE`
   */
  load(settings: RuntimeSettings): Promise<OnnxRuntime>;
  /**
   * Starts an engine in a thread of its own.
   * @throws UnlabelError `INVALID_OPTION` where there are none, `WORKER_FAILED`, and what starting it here would
   */
  openThread(settings: RuntimeSettings): Promise<Engine>;
}
