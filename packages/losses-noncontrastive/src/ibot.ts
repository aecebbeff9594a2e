import { type Objective, requirePositive, tf, UnlabelError } from '@unlabel/core';
import { type Centring, teacherTargets } from './centring';
import { crossEntropy, type DinoOptions, dinoLoss } from './dino';
import { type MaskedDistillationOptions, maskedDistillation } from './maskedDistillation';

/**
 * iBOT, eq. 2, L_MIM: H(P_t, P_s) between the teacher's and the student's logits of a patch that the student saw masked,
 * averaged over the masked patches of an image, then over images; one without masked patches counts as 0.
 * @param student logits of patches, `[images, tokens, prototypes]`, of images with masked patches
 * @param teacher logits of the same images whole, same shape; no gradient flows to them
 * @param mask 1 where the student saw no patch, `[images, tokens]`
 * @param center c, `[1, prototypes]`, or `'sinkhorn'` over all masked patches, as in DINOv2
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Zhou et al., ICLR 2022, https://arxiv.org/abs/2111.07832
 */
export function ibotPatchLoss(
  student: tf.Tensor3D,
  teacher: tf.Tensor3D,
  mask: tf.Tensor2D,
  center: Centring,
  options: DinoOptions = {},
): tf.Scalar {
  const { studentTemperature: tauS = 0.1, teacherTemperature: tauT = 0.07 } = options;
  requirePositive({ studentTemperature: tauS, teacherTemperature: tauT });
  requirePatches(student, teacher, mask);
  return tf.tidy(() => {
    const masked = tf.cast(mask, 'float32');
    const targets = teacherTargets(patchRows(teacher), center, tauT, tf.reshape(masked, [-1]));
    const entropy = tf.reshape(crossEntropy(targets, tf.div(patchRows(student), tauS)), mask.shape);
    const sums = tf.sum(tf.mul(masked, entropy), 1);
    return tf.mean(tf.div(sums, tf.maximum(tf.sum(masked, 1), 1)));
  });
}

/** All patches of all images below each other, `[images · tokens, prototypes]`. */
function patchRows(patches: tf.Tensor3D): tf.Tensor2D {
  return tf.reshape(patches, [patches.shape[0] * patches.shape[1], patches.shape[2]]);
}

/** Logits of one network. */
export interface IbotLogits {
  /** Of each view as a whole, `[batch, prototypes]`, global views first. */ readonly cls: readonly tf.Tensor2D[];
  /** Of the patches of all global views, one view after the other, `[views · batch, tokens, prototypes]`. */
  readonly patches: tf.Tensor3D;
}

/** What keeps the teacher's logits of either kind apart. */
export type IbotCenters = Readonly<Record<'cls' | 'patches', Centring>>;

/** What {@link ibotLoss} adds up: L_[CLS] and L_MIM. */
export type IbotTerms = Record<'cls' | 'patches', tf.Scalar>;

/**
 * iBOT: L_[CLS], which is {@link dinoLoss} between whole views, + L_MIM, which is {@link ibotPatchLoss} within each.
 * @param student logits of global views with masked patches, and of local crops
 * @param teacher logits of the global views, whole
 * @param masks 1 where the student saw no patch, `[views · batch, tokens]`, in the order of `patches`
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION`
 * @see Zhou et al., ICLR 2022, https://arxiv.org/abs/2111.07832
 */
export function ibotLoss(
  student: IbotLogits,
  teacher: IbotLogits,
  masks: tf.Tensor2D,
  centers: IbotCenters,
  options: DinoOptions = {},
): tf.Scalar {
  return tf.tidy(() => {
    const { cls, patches } = ibotTerms(student, teacher, masks, centers, options);
    return tf.add(cls, patches);
  });
}

/** The terms of {@link ibotLoss}, of the same arguments. */
export function ibotTerms(
  student: IbotLogits,
  teacher: IbotLogits,
  masks: tf.Tensor2D,
  centers: IbotCenters,
  options: DinoOptions = {},
): IbotTerms {
  return {
    cls: dinoLoss(student.cls, teacher.cls, centers.cls, options),
    patches: ibotPatchLoss(student.patches, teacher.patches, masks, centers.patches, options),
  };
}

function requirePatches(student: tf.Tensor3D, teacher: tf.Tensor3D, mask: tf.Tensor2D): void {
  const [images, tokens] = student.shape;
  const same = student.shape.join() === teacher.shape.join() && mask.shape.join() === [images, tokens].join();
  if (same && student.shape.length === 3) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `student is [${student.shape}], teacher [${teacher.shape}] and mask [${mask.shape}].`,
    { fix: 'Give logits [images, tokens, prototypes] twice, and a mask [images, tokens].' },
  );
}

export interface IbotMethodOptions extends MaskedDistillationOptions {
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 by a cosine (default 0.996). */ momentum?: number;
}

/**
 * iBOT: {@link ibotLoss} around a vision transformer, with one head for views and patches and a learned token in place of
 * masked patches. Two global views come first, local crops after them.
 * Recipe of the paper: that of DINO, 8192 prototypes, ten local crops, half of the views masked by 10 to 50 %.
 * @see Zhou et al., ICLR 2022, https://arxiv.org/abs/2111.07832
 */
export function ibot(options: IbotMethodOptions = {}): Objective {
  const settings = { momentum: 0.996, prototypes: 8192, centring: 'mean', ...options } as const;
  return {
    name: 'ibot',
    views: { min: 2 },
    minBatch: 1,
    bind: (encoder) =>
      maskedDistillation('ibot', encoder, settings, ({ student, teacher, masks, centers, temperatures }) => {
        const terms = ibotTerms(student, teacher, masks, centers, temperatures);
        return { loss: tf.add(terms.cls, terms.patches), terms };
      }),
  };
}
