import { registerFusedKernel, registerFusedUpdate } from '@unlabel/core';
import { adamKernel } from './adam';
import { replaceAddN } from './addN';
import { attentionKernel } from './attention';
import type { Dispatcher } from './dispatcher';
import { emaKernel } from './ema';
import { eppsPulleyKernel } from './eppsPulley';
import { geluKernel } from './gelu';
import { larsKernel, sgdKernel } from './lars';
import { layerNormKernel } from './layerNorm';
import { ntXentKernel } from './ntXent';
import { bothLogSumExpKernel, rowLogSumExpKernel } from './similarityLogSumExp';
import { replaceSinCos } from './sinCos';
import { replaceSmallProducts } from './smallProduct';
import { squaredNormKernel } from './squaredNorm';

/** Makes the fused kernels those of the tfjs backend `eager`, and replaces those of tfjs that are not exact, slow, or do not run. */
export function registerKernels(eager: string, dispatcher: Dispatcher): void {
  replaceSinCos(eager, dispatcher);
  replaceAddN(eager);
  replaceSmallProducts(eager, dispatcher);
  registerFusedKernel('layerNorm', eager, layerNormKernel(dispatcher));
  registerFusedKernel('attention', eager, attentionKernel(dispatcher));
  registerFusedKernel('gelu', eager, geluKernel(dispatcher));
  registerFusedKernel('ntXent', eager, ntXentKernel(dispatcher));
  registerFusedKernel('rowLogSumExp', eager, rowLogSumExpKernel(dispatcher));
  registerFusedKernel('bothLogSumExp', eager, bothLogSumExpKernel(dispatcher));
  registerFusedKernel('eppsPulley', eager, eppsPulleyKernel(dispatcher));
  registerFusedUpdate('adam', eager, adamKernel(dispatcher));
  registerFusedUpdate('sgd', eager, sgdKernel(dispatcher));
  registerFusedUpdate('lars', eager, larsKernel(dispatcher));
  registerFusedUpdate('ema', eager, emaKernel(dispatcher));
  registerFusedUpdate('squaredNorm', eager, squaredNormKernel(dispatcher));
}
