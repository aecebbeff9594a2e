import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenFile, GoldenMapping } from '@unlabel/testkit';
import { clipLogits, clipLoss } from './clip';

/** Golden files that pin CLIP's loss, its gradient with respect to the scale among them: open_clip's. */
export const clipGolden: readonly GoldenMapping[] = [
  {
    name: 'clipLoss',
    matches: (file) => isPairLoss(file, /\bclip_?loss/i),
    run: (golden) => {
      const [image, text] = [golden.matrix('image'), golden.matrix('text')];
      const options = golden.has('logit_scale') ? { logitScale: scalarInput(golden, 'logit_scale') } : {};
      return { loss: clipLoss(image, text, options), logits_per_image: clipLogits(image, text, options) };
    },
  },
];

/** Whether a file pins such a function of images and texts. */
export function isPairLoss({ source, inputs }: GoldenFile, called: RegExp): boolean {
  return called.test(source.function ?? '') && 'image' in inputs && 'text' in inputs;
}

/** An input that is a number. */
export function scalarInput(golden: GoldenCase, input: string): tf.Scalar {
  return tf.reshape(golden.tensor(input), []);
}
