/// <reference types="@webgpu/types" />
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { tf } from '@unlabel/core';
import { shaderOf } from './shader';
import type { Summed } from './workgroupSum';

/** A compute shader. What it reads and writes is declared by name; the declarations are put in front of its code. */
export interface Program {
  /** Unique: shaders are compiled once for each name. */ readonly name: string;
  /** Invocations in a workgroup, at most 256. */ readonly workgroup: number;
  /** Arrays that it reads, `{ x: 'f32' }`, in the order of the call's tensors. */ readonly inputs: Declarations<
    'f32' | 'i32'
  >;
  /** Arrays that it writes, in the order of the call's shapes. */ readonly outputs: Declarations<'f32' | 'i32'>;
  /** Numbers that it reads as `u.name`. */ readonly uniforms?: Declarations<'f32' | 'i32' | 'u32'>;
  /** What `workgroupSum(value, thread)` adds up over the invocations of a workgroup, of 64 or 256, if the code calls it. */
  readonly sums?: Summed;
  /** WGSL with `fn main(group: u32, thread: u32)`: number of the workgroup, and of the invocation within. Both may guard barriers. */
  readonly code: string;
}

/** Names of arrays or numbers, with their types in WGSL. */
export type Declarations<Type extends string> = Readonly<Record<string, Type>>;

/** One call of a program. */
export interface Call {
  readonly inputs: readonly tf.Tensor[];
  /** Shapes of the outputs, or tensors to write into. */ readonly outputs: readonly (readonly number[] | tf.Tensor)[];
  readonly uniforms?: Readonly<Record<string, number>>;
  /** Workgroups, any number. */ readonly groups: number;
  /** Multiplications in all. A call of more than some billions is submitted in parts, so that no driver takes it for hung. */
  readonly work?: number;
}

/** Runs programs among tfjs's own: in order, on tensors of the same device. */
export interface Dispatcher {
  readonly device: GPUDevice;
  /** @returns the outputs, the caller's to dispose */
  run(program: Program, call: Call): readonly tf.Tensor[];
  /** A float32 tensor to write into, the caller's to dispose. */
  empty(shape: readonly number[]): tf.Tensor;
  /**
   * A float32 tensor of the same values to write into: the same tensor where that is given away and no other shares its
   * values, else a copy, the caller's to dispose.
   */
  writable(tensor: tf.Tensor, donated: boolean): tf.Tensor;
  /** Parts of programs that were run so far. */ readonly dispatches: number;
}

/** The dispatcher over a tfjs backend, whose private parts it uses: 4.22.0 is pinned for that. */
export function dispatcherOf(backend: WebGPUBackend): Dispatcher {
  const pipelines = new Map<string, GPUComputePipeline>();
  let dispatches = 0;
  return {
    device: backend.device,
    get dispatches() {
      return dispatches;
    },
    empty: (shape) => allocated(backend, shape, 'f32'),
    writable: (tensor, donated) => {
      const { dataId } = uploaded(backend, tensor, 'f32');
      const { refCount, values } = backend.tensorMap.get(dataId); // values: a copy that was read, which must stay true
      if (donated && dataId === tensor.dataId && refCount === 1 && !values) return tensor;
      return copied(backend, tensor.shape, dataId);
    },
    run: (program, call) => {
      const pipeline = pipelines.get(program.name) ?? compile(backend.device, program);
      pipelines.set(program.name, pipeline);
      const types = Object.values(program.inputs);
      const inputs = call.inputs.map((tensor, index) => uploaded(backend, tensor, types[index]));
      const outputs = Object.values(program.outputs).map((type, index) => {
        const output = call.outputs[index] ?? [];
        return output instanceof tf.Tensor ? output : allocated(backend, output, type);
      });
      const parts = Math.max(1, Math.min(call.groups, Math.ceil((call.work ?? 0) / mostWork)));
      const size = Math.ceil(call.groups / parts);
      for (let first = 0; first < call.groups; first += size) {
        const groups = Math.min(size, call.groups - first);
        record(backend, pipeline, program, { ...call, inputs, groups }, outputs, first);
        dispatches++;
        if (parts > 1) backend.endComputePassEncoder();
        if (parts > 1) backend.submitQueue();
      }
      return outputs;
    },
  };
}

const mostWork = 4e9;
const widest = 65_535;

function compile(device: GPUDevice, program: Program): GPUComputePipeline {
  const module = device.createShaderModule({ code: shaderOf(program, addsSubgroups(device)), label: program.name });
  return device.createComputePipeline({
    layout: 'auto',
    label: program.name,
    compute: { module, entryPoint: 'start' },
  });
}

/** Whether the device adds up over subgroups, and shaders can tell these apart: some browsers have one without the other. */
function addsSubgroups(device: GPUDevice): boolean {
  const numbered = 'navigator' in globalThis && navigator.gpu?.wgslLanguageFeatures.has('subgroup_id');
  return device.features.has('subgroups') && numbered;
}

/** The tensor with its values on the GPU, in the type that tfjs says it has: casts to float32 are put off by tfjs. */
function uploaded(backend: WebGPUBackend, tensor: tf.Tensor, type: 'f32' | 'i32' | undefined): tf.Tensor {
  const stored = backend.tensorMap.get(tensor.dataId).dtype === 'float32' ? 'f32' : 'i32';
  const typed = stored === type ? tensor : type === 'i32' ? tf.cast(tensor, 'int32') : tf.add(tensor, 0);
  backend.uploadToGPU(typed.dataId);
  return typed;
}

function allocated(backend: WebGPUBackend, shape: readonly number[], type: 'f32' | 'i32'): tf.Tensor {
  const info = backend.makeTensorInfo([...shape], type === 'f32' ? 'float32' : 'int32');
  backend.uploadToGPU(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info);
}

function copied(backend: WebGPUBackend, shape: readonly number[], from: object): tf.Tensor {
  const copy = allocated(backend, shape, 'f32');
  const [source, target] = [from, copy.dataId].map((dataId) => backend.tensorMap.get(dataId).resource);
  if (!(source instanceof GPUBuffer && target instanceof GPUBuffer)) throw new Error('The tensor has no buffer.');
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend['commandEncoder'].copyBufferToBuffer(source, 0, target, 0, target.size);
  backend['commandQueueOwnedIds'].add(from).add(copy.dataId);
  return copy;
}

function record(
  backend: WebGPUBackend,
  pipeline: GPUComputePipeline,
  program: Program,
  { inputs, uniforms = {}, groups }: Call,
  outputs: readonly tf.Tensor[],
  firstGroup: number,
): void {
  const tensors = [...inputs, ...outputs];
  const numbers = Object.entries(program.uniforms ?? {}).map(([name, type]) => ({
    type: type === 'f32' ? 'float32' : type === 'i32' ? 'int32' : 'uint32',
    data: [uniforms[name] ?? 0],
  }));
  const first = [firstGroup, groups].map((value) => ({ type: 'uint32', data: [value] }));
  const resources = [
    ...tensors.map((tensor) => backend['tensorToBinding'](tensor)),
    backend['makeUniforms']([...first, ...numbers]),
  ];
  for (const { dataId } of tensors) backend['commandQueueOwnedIds'].add(dataId);
  const bindGroup = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  backend.ensureCommandEncoderReady();
  backend['computePassEncoder'] ??= backend['commandEncoder'].beginComputePass();
  const pass = backend['computePassEncoder'];
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  const width = Math.min(groups, widest);
  pass.dispatchWorkgroups(width, Math.ceil(groups / width));
  backend['dispatchCountInPass']++;
  if (backend['dispatchCountInPass'] < tf.env().getNumber('WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE')) return;
  backend.endComputePassEncoder();
  backend.submitQueue();
}
