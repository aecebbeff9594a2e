import { UnlabelError } from '@unlabel/core';
import type { GraphBuilder } from '../graph/builder';
import { batchLast } from '../graph/imageOrder';

/**
 * Gradients that exist in the order of training graphs alone: an encoder that applies one cannot be exported.
 * @throws UnlabelError `CAPTURE_UNSUPPORTED_OP`
 */
export function requireBatchLast({ images }: GraphBuilder, what: string): void {
  if (images === batchLast) return;
  throw new UnlabelError('CAPTURE_UNSUPPORTED_OP', `${what} can be computed in training steps, but not exported.`, {
    fix: 'Leave gradients out of what the encoder computes outside of training.',
  });
}
