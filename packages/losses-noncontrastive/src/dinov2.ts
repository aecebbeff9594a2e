import { type Objective, tf } from '@unlabel/core';
import type { DinoOptions } from './dino';
import { type IbotCenters, type IbotTerms, ibotTerms } from './ibot';
import { koleoLoss } from './koleo';
import { type MaskedDistillationOptions, type MaskedOutputs, maskedDistillation } from './maskedDistillation';

export interface Dinov2Options extends DinoOptions {
  /** Weight of KoLeo (default 0.1). */ koleoWeight?: number;
}

/** What {@link dinov2Loss} adds up, unweighted. */
export type Dinov2Terms = IbotTerms & Record<'koleo', tf.Scalar>;

/**
 * DINOv2, §4: iBOT's L_[CLS] + L_MIM, and KoLeo of the features of each global view, added up over these and weighted.
 * @param student logits of global views with masked patches and of local crops; features of the former in `features`,
 * `[views · batch, dim]`, one view after the other, batch ≥ 2
 * @param teacher logits of the global views, whole
 * @param masks 1 where the student saw no patch, `[views · batch, tokens]`
 * @param centers c of both kinds of logits, or `'sinkhorn'`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`, `BATCH_TOO_SMALL`
 * @see Oquab et al. 2023, https://arxiv.org/abs/2304.07193
 */
export function dinov2Loss(
  student: MaskedOutputs,
  teacher: Omit<MaskedOutputs, 'features'>,
  masks: tf.Tensor2D,
  centers: IbotCenters,
  options: Dinov2Options = {},
): tf.Scalar {
  return tf.tidy(() => weigh(dinov2Terms(student, teacher, masks, centers, options), options));
}

/** The terms of {@link dinov2Loss}, of the same arguments. */
export function dinov2Terms(
  student: MaskedOutputs,
  teacher: Omit<MaskedOutputs, 'features'>,
  masks: tf.Tensor2D,
  centers: IbotCenters,
  options: DinoOptions = {},
): Dinov2Terms {
  return tf.tidy((): Dinov2Terms => {
    const views = tf.split<tf.Tensor2D>(student.features, teacher.cls.length);
    const koleo = tf.addN(views.map((features) => koleoLoss(features)));
    return { ...ibotTerms(student, teacher, masks, centers, options), koleo };
  });
}

function weigh({ cls, patches, koleo }: Dinov2Terms, { koleoWeight = 0.1 }: Dinov2Options): tf.Scalar {
  return tf.addN([cls, patches, tf.mul(koleoWeight, koleo)]);
}

export interface Dinov2MethodOptions extends MaskedDistillationOptions {
  /** Weight of KoLeo (default 0.1). */ koleoWeight?: number;
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 by a cosine (default 0.992). */ momentum?: number;
  /** What keeps the teacher from one prototype for all: Sinkhorn–Knopp (default), or its mean subtracted. */
  centring?: 'mean' | 'sinkhorn';
}

/**
 * DINOv2: {@link dinov2Loss} around a vision transformer, with a head for views and another for patches. Two global views
 * come first, local crops after them.
 * Recipe of the paper: AdamW, learning rate 4e-3 · √(batch/1024) with layer-wise decay 0.9, weight decay 0.04 → 0.2,
 * gradients clipped at 3, two crops of 0.32–1 of the image and eight of 0.05–0.32, half of the views masked by 10 to 50 %.
 * @see Oquab et al. 2023, https://arxiv.org/abs/2304.07193
 */
export function dinov2(options: Dinov2MethodOptions = {}): Objective {
  const settings = { momentum: 0.992, centring: 'sinkhorn', ...options, patchHead: true } as const;
  return {
    name: 'dinov2',
    views: { min: 2 },
    minBatch: 2, // KoLeo needs a neighbour
    bind: (encoder) =>
      maskedDistillation('dinov2', encoder, settings, ({ student, teacher, masks, centers, temperatures }) => {
        const terms = dinov2Terms(student, teacher, masks, centers, temperatures);
        return { loss: weigh(terms, options), terms };
      }),
  };
}
