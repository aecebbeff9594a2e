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
 * Used where they are there: subgroups by our sums over workgroups and by the kernels of ONNX Runtime, which may share the
 * device; half precision by these alone, for ours keep to float32; time stamps by tfjs's measurements.
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
