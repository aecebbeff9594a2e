import { type Availability, type Backend, openEagerSession, tf, UnlabelError } from '@unlabel/core';

/** One of TensorFlow.js's native packages. */
export interface TensorflowPackage {
  /** The backend's name here. */ readonly name: string;
  /** The package's name on npm. */ readonly module: string;
  /** Whether it has to compute on a GPU. */ readonly gpu: boolean;
  /** Imports it, whereupon it registers the tfjs backend `tensorflow`. */ load(): Promise<unknown>;
  /** The running Node, such as `22.4.0` (default: this process's). */ readonly node?: string;
}

const eager = 'tensorflow';
const nodeLimit = 'It runs on Node up to 22.';
const gpuNeeds = 'It needs an NVIDIA GPU with CUDA 11.2 and cuDNN 8.1, which libtensorflow 2.9.1 was built for.';

/** The backend that runs steps on a native TensorFlow.js package. */
export function tensorflowBackend(source: TensorflowPackage): Backend {
  return {
    name: source.name,
    probe: async () => {
      const { availability } = await examine(source);
      return availability;
    },
    open: async () => {
      const { availability, cause } = await examine(source);
      if (!availability.available) {
        throw new UnlabelError('BACKEND_UNAVAILABLE', `${source.name}: ${availability.reason}.`, {
          fix: availability.fix,
          cause,
        });
      }
      return openEagerSession(source.name, eager);
    },
  };
}

/** Loads the package, multiplies once on it, and leaves the active tfjs backend as it was: loading alone changes it. */
async function examine(source: TensorflowPackage): Promise<{ availability: Availability; cause?: unknown }> {
  const active = tf.getBackend();
  try {
    await source.load();
    if (!tf.findBackend(eager)) throw new Error(`it registered no tfjs backend '${eager}'`);
    await tf.setBackend(eager);
    const product = tf.tidy(() => tf.matMul([[2, 3]], [[5], [7]]).dataSync()[0]);
    if (product !== 31) throw new Error(`it multiplied (2, 3)·(5, 7) to ${product}`);
    return { availability: source.gpu ? gpuAvailability() : { available: true, detail: 'libtensorflow on the CPU' } };
  } catch (cause) {
    return { availability: explain(source, cause), cause };
  } finally {
    if (active && active !== tf.getBackend()) await tf.setBackend(active);
  }
}

/** The GPU package falls back to the CPU in silence, and so does loading it after the CPU package. */
function gpuAvailability(): Availability {
  const backend: object = tf.findBackend(eager);
  if ('isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true) {
    return { available: true, detail: 'libtensorflow on an NVIDIA GPU' };
  }
  if ('isGPUPackage' in backend && backend.isGPUPackage === false) {
    return {
      available: false,
      reason: "@tensorflow/tfjs-node was loaded before it and holds the tfjs backend 'tensorflow'",
      fix: 'Load only one of the two in a process.',
    };
  }
  return { available: false, reason: 'libtensorflow found no GPU that it can use', fix: gpuNeeds };
}

function explain({ module, gpu, node = process.versions.node }: TensorflowPackage, cause: unknown): Availability {
  const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  if (isMissing(module, message)) {
    const fix = [`Run \`npm install ${module}\`.`, nodeLimit, ...(gpu ? [gpuNeeds] : [])].join(' ');
    return { available: false, reason: `${module} is not installed`, fix };
  }
  if (Number.parseInt(node, 10) >= 23) {
    const reason = `${module} does not run on Node ${node}, which dropped functions that it calls (${message})`;
    return { available: false, reason, fix: 'Use Node 20 or 22.' };
  }
  const rebuild = `Run \`npm rebuild ${module} --build-addon-from-source\`.`;
  return {
    available: false,
    reason: `${module} failed to start (${message})`,
    fix: gpu ? `${gpuNeeds} If those are there: ${rebuild}` : rebuild,
  };
}

/** Whether the package itself was not found, by Node or by a bundler, rather than something that it imports. */
function isMissing(module: string, message: string): boolean {
  const said = [`Cannot find package '${module}'`, `Cannot find module '${module}'`, `Could not resolve "${module}"`];
  return said.some((start) => message.startsWith(start));
}
