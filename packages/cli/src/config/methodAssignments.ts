import { type Definition, UnlabelError } from '@unlabel/core';

/** The images that a method is to be tried on. */
export interface MethodImages {
  /** Height and width that the encoder is made for (default 24). */ readonly size?: number;
  /** Default 1. */ readonly channels?: 1 | 3;
}

/**
 * What a method changes in the quickstart's recipe: the objective with its options for small encoders, and whatever
 * encoder, views and learning rate its traits ask for. What predicts tokens of one view leaves features an offset that
 * they share, so they are measured standardised (the authors' evaluations begin with a batch norm). Assignments as `--set` takes them.
 * @throws UnlabelError `INVALID_OPTION` for a method that does not learn from images
 */
export function methodAssignments(definition: Definition, images: MethodImages = {}): readonly string[] {
  const { name, small, traits } = definition;
  const { encoder = 'any', views = 'pair', modality = 'image', learningRate } = traits ?? {};
  if (modality !== 'image') {
    throw new UnlabelError('INVALID_OPTION', `${name} learns from ${modality}, and the quickstart has images.`, {
      fix: 'Choose another method; `unlabel list objectives` prints all.',
    });
  }
  return [
    `objective=${JSON.stringify({ name, ...(typeof small === 'object' ? small : {}) })}`,
    ...(encoder === 'tokens' ? transformer(images) : []),
    ...(learningRate === undefined ? [] : [`training.learningRate=${learningRate}`]),
    ...(views === 'one' ? ['views.views=1', 'evaluation.standardise=true'] : []),
    ...(views === 'multi-crop' ? ['views.local={ count: 2, size: 12, scale: [0.1, 0.4] }'] : []),
  ];
}

/** A small vision transformer, and views of its own size: masks are drawn for the whole grid of patches. */
function transformer({ size = 24, channels = 1 }: MethodImages): readonly string[] {
  const side = Math.max(4, size - (size % 4));
  const encoder = { name: 'vit', inputShape: [side, side, channels], patchSize: 4, dim: 64, depth: 3, heads: 2 };
  return [`encoder=${JSON.stringify(encoder)}`, `views.size=${side}`, 'training.learningRate=0.0015'];
}
