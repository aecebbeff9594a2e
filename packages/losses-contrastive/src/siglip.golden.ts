import type { GoldenMapping } from '@unlabel/testkit';
import { isPairLoss, scalarInput } from './clip.golden';
import { siglipLoss } from './siglip';

/** Golden files that pin SigLIP's loss, its gradients with respect to scale and bias among them: open_clip's. */
export const siglipGolden: readonly GoldenMapping[] = [
  {
    name: 'siglipLoss',
    matches: (file) => isPairLoss(file, /\bsiglip_?loss/i),
    run: (golden) => ({
      loss: siglipLoss(golden.matrix('image'), golden.matrix('text'), {
        ...(golden.has('logit_scale') && { logitScale: scalarInput(golden, 'logit_scale') }),
        ...(golden.has('logit_bias') && { logitBias: scalarInput(golden, 'logit_bias') }),
      }),
    }),
  },
];
