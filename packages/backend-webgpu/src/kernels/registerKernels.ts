import { registerFusedKernel } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { geluKernel } from './gelu';
import { layerNormKernel } from './layerNorm';

/** Makes the fused kernels those of the tfjs backend `eager`. */
export function registerKernels(eager: string, dispatcher: Dispatcher): void {
  registerFusedKernel('layerNorm', eager, layerNormKernel(dispatcher));
  registerFusedKernel('gelu', eager, geluKernel(dispatcher));
}
