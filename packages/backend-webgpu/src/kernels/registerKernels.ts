import { registerFusedKernel } from '@unlabel/core';
import type { Dispatcher } from './dispatcher';
import { geluKernel } from './gelu';
import { layerNormKernel } from './layerNorm';
import { bothLogSumExpKernel, rowLogSumExpKernel, selfLogSumExpKernel } from './similarityLogSumExp';
import { replaceSinCos } from './sinCos';

/** Makes the fused kernels those of the tfjs backend `eager`, and replaces those of tfjs that are not exact. */
export function registerKernels(eager: string, dispatcher: Dispatcher): void {
  replaceSinCos(eager, dispatcher);
  registerFusedKernel('layerNorm', eager, layerNormKernel(dispatcher));
  registerFusedKernel('selfLogSumExp', eager, selfLogSumExpKernel(dispatcher));
  registerFusedKernel('rowLogSumExp', eager, rowLogSumExpKernel(dispatcher));
  registerFusedKernel('bothLogSumExp', eager, bothLogSumExpKernel(dispatcher));
  registerFusedKernel('gelu', eager, geluKernel(dispatcher));
}
