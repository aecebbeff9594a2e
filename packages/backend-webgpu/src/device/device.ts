/// <reference types="@webgpu/types" />
/** Limits that kernels grow with. The others stay at WebGPU's defaults. */
const limits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

/**
 * What is used where it is there: our sums over workgroups take subgroups, tfjs's measurements time stamps, and the kernels
 * of ONNX Runtime, which may share the device, all but these. Ours keep to float32.
 */
const features = ['subgroups', 'shader-f16', 'timestamp-query'] as const;

/** A device with all that the adapter can give of what kernels use. */
export async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return adapter.requestDevice({
    label: 'unlabel',
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  });
}
