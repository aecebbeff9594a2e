import { type DeviceInputs, type tf, UnlabelError } from '@unlabel/core';
import type { DeviceTensors } from './engine';
import type { OnnxRuntime } from './onnxRuntime';

/**
 * Inputs that tfjs makes on the device that ONNX Runtime computes on. They stay there: tfjs hands out a copy on the GPU,
 * since the next op may write to the buffer of a tensor that is gone.
 */
export function madeOnDevice(
  runtime: OnnxRuntime,
  inputs: DeviceInputs,
): { readonly tensors: DeviceTensors; dispose(): void } {
  const kept: tf.Tensor[] = [];
  const tensors = Object.entries(inputs.make()).map(([name, made]) => {
    const { buffer, tensorRef } = made.dataToGPU();
    kept.push(made, tensorRef);
    if (!buffer) throw notOnGpu(name);
    const { shape, dtype } = made;
    const dataType = dtype === 'int32' ? 'int32' : 'float32'; // views are float32
    return [
      name,
      { shape, dtype: dataType, tensor: runtime.Tensor.fromGpuBuffer(buffer, { dataType, dims: shape }) },
    ] as const;
  });
  const dispose = () => {
    for (const tensor of kept) tensor.dispose();
  };
  return { tensors: Object.fromEntries(tensors), dispose };
}

function notOnGpu(name: string): UnlabelError {
  return new UnlabelError('BACKEND_UNAVAILABLE', `${name} was made by a tfjs backend that is not on a GPU.`, {
    fix: "Make it on tfjs's backend 'webgpu', over the device that was given to onnx().",
  });
}
