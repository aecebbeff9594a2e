import { type HostTensor, type TensorSpec, tf, UnlabelError } from '@unlabel/core';
import { kernelCall } from '../lowerings/kernel';
import { kernels } from '../lowerings/kernels';
import { refused } from '../lowerings/refused';
import { refuseRandomConstant } from './randomness';
import type { Recorded, RecordedCall, RecordedConstant } from './recording';
import { currentSite, describeSite, type Site } from './site';

/** The name under which tfjs knows the backend. */
export const recorderName = 'unlabel-recorder';

type DataId = tf.TensorInfo['dataId'];
type KernelInputs = tf.NamedTensorInfoMap | tf.TensorInfo[];

/** A tfjs backend that computes nothing: it notes down constants and kernel calls, and makes tensors without values. */
export class RecordingBackend extends tf.KernelBackend {
  readonly constants = new Map<Recorded, RecordedConstant>();
  readonly calls: RecordedCall[] = [];
  /** The first reading of values that returned a promise. */ refusedRead: UnlabelError | undefined;
  /** Where the op was called whose gradient is being computed, for errors; the stack shows where gradients were. */
  gradientSite: (() => Site | undefined) | undefined;
  private readonly tensors = new Map<DataId, Recorded>();
  private readonly sites: boolean;
  /** Those that constants are made of throughout. */ private readonly numbers = new Set<number>();

  /** @param sites whether calls note where they were made (default no: a stack for each takes time) */
  constructor(sites = false) {
    super();
    this.sites = sites;
  }

  /** A tensor that the graph will be fed. */
  placeholder({ shape, dtype }: TensorSpec): tf.Tensor {
    const { dataId } = this.add({ shape, dtype });
    return tf.engine().makeTensorFromDataId(dataId, [...shape], dtype, this);
  }

  /** What is known of a tensor. @throws UnlabelError `CAPTURE_UNDECLARED_TENSOR` for those that the step did not make */
  recorded(tensor: tf.TensorInfo): Recorded {
    const found = this.tensors.get(tensor.dataId);
    if (found) return { ...found, shape: tensor.shape };
    throw new UnlabelError(
      'CAPTURE_UNDECLARED_TENSOR',
      `The step uses a ${tensor.dtype} tensor [${tensor.shape}] from outside${describeSite(currentSite())}.`,
      { fix: 'Pass it through the state or the inputs of the step, or make it inside.' },
    );
  }

  /** Notes a kernel call down. */
  call(kernel: string, inputs: KernelInputs, attributes: Readonly<Record<string, unknown>>): tf.TensorInfo[] {
    const known = kernels.get(kernel);
    if (!known) throw unsupported(kernel, this.site());
    const tensors = this.recordedInputs(inputs);
    const specs = this.withSite(() => known.infer(kernelCall(kernel, tensors, attributes)));
    const outputs = specs.map((spec) => this.add(spec));
    const site = this.sites ? { site: currentSite() } : {};
    this.calls.push({ kernel, inputs: tensors, attributes, outputs: outputs.map(({ recorded }) => recorded), ...site });
    return outputs.map(({ dataId, recorded }) => ({ dataId, shape: [...recorded.shape], dtype: recorded.dtype }));
  }

  override write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): DataId {
    const host = constantOf(values, shape, dtype);
    const number = onlyNumber(host.data);
    this.requireChosen(number);
    const { dataId, recorded } = this.add(host);
    this.constants.set(recorded, { host, number });
    return dataId;
  }

  override readSync(): tf.BackendValues {
    throw valueRead('dataSync()');
  }

  /** Nobody can wait in a step, so that the promise stays open; {@link refusedRead} says what happened. */
  override read(): Promise<tf.BackendValues> {
    this.refusedRead ??= valueRead('data()');
    return new Promise(() => undefined);
  }

  override disposeData(): boolean {
    return true;
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override numDataIds(): number {
    return this.tensors.size;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.tensors.clear();
  }

  /** Looks at the stack, which takes time, unless all is a number that the step has used before: chance repeats none. */
  private requireChosen(number: number | undefined): void {
    if (number !== undefined && this.numbers.has(number)) return;
    refuseRandomConstant();
    if (number !== undefined) this.numbers.add(number);
  }

  private site(): Site {
    return this.gradientSite?.() ?? currentSite();
  }

  private withSite<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (!UnlabelError.is(error)) throw error;
      const { op, line } = this.site();
      const { code, fix, message } = error;
      const what = fix === undefined ? message : message.slice(0, -fix.length).trimEnd();
      const where = line === undefined ? '' : ` ${op ?? 'It'} was called at ${line}.`;
      throw new UnlabelError(code, `${what}${where}`, { ...(fix !== undefined && { fix }), cause: error });
    }
  }

  private recordedInputs(inputs: KernelInputs): RecordedCall['inputs'] {
    if (Array.isArray(inputs)) return inputs.map((tensor) => this.recorded(tensor));
    const present = Object.entries(inputs).flatMap(([name, tensor]) =>
      tensor ? [[name, this.recorded(tensor)] as const] : [],
    );
    return Object.fromEntries(present);
  }

  private add({ shape, dtype }: TensorSpec): { readonly dataId: DataId; readonly recorded: Recorded } {
    const dataId = {};
    const recorded = { shape, dtype, index: this.tensors.size };
    this.tensors.set(dataId, recorded);
    return { dataId, recorded };
  }
}

/** Makes every tfjs kernel known to tfjs under the recorder's name, those without a lowering too: they say so. */
export function registerRecordingKernels(): void {
  const names = Object.values(tf).filter((name) => typeof name === 'string');
  for (const kernelName of new Set([...names, ...kernels.keys()])) {
    if (tf.getKernel(kernelName, recorderName)) continue;
    tf.registerKernel({
      kernelName,
      backendName: recorderName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        if (!(backend instanceof RecordingBackend)) throw unsupported(kernelName, currentSite());
        const outputs = backend.call(kernelName, inputs, { ...attrs });
        const [only, ...others] = outputs;
        return only && others.length === 0 && !severalOutputs.has(kernelName) ? only : outputs;
      },
    });
  }
}

/** Kernels whose result is a list even when it has one element. */
const severalOutputs = new Set(['Unpack', 'SplitV', 'TopK']);

function unsupported(kernel: string, { op = 'An op', line }: Site): UnlabelError {
  const { reason, fix } = refused[kernel] ?? { reason: 'it has no lowering', fix: 'Write it with other ops.' };
  return new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `${op} needs the tfjs kernel ${kernel}, which cannot be captured, because ${reason}${describeSite({ op, line })}.`,
    { fix: `${fix} Or run on an eager backend: cpu() of @unlabel/core, in a config backend: cpu.` },
  );
}

function valueRead(method: string): UnlabelError {
  const site = currentSite();
  return new UnlabelError(
    'CAPTURE_VALUE_READ',
    `${site.op ?? method} reads a tensor's values while the step is being captured${describeSite(site)}; they do not exist yet.`,
    { fix: 'Return the tensor as an output of the step and read it there; compute with tf ops inside.' },
  );
}

/** A plain loop: tensors of millions of ones are common, and a call for each would be felt. */
function onlyNumber(data: HostTensor['data']): number | undefined {
  const [first] = data;
  for (let index = 1; index < data.length; index++) if (data[index] !== first) return undefined;
  return first;
}

function constantOf(values: tf.BackendValues, shape: readonly number[], dtype: tf.DataType): HostTensor {
  const numbers = ArrayBuffer.isView(values) ? values : Array.from(values, Number);
  if (dtype === 'float32') return { dtype, shape, data: new Float32Array(numbers) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(numbers) };
  if (dtype === 'bool') return { dtype, shape, data: new Uint8Array(numbers) };
  throw new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `A ${dtype} tensor is made in the step${describeSite(currentSite())}.`,
    {
      fix: 'Steps hold float32, int32 and bool.',
    },
  );
}
