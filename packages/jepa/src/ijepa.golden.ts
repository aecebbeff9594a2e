import { randomStream, tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { blockSize, type MultiBlockMask, multiBlockMask, multiBlockSizes, type PatchGrid } from './blockMasks';
import { ijepaLoss, ijepaTargets } from './ijepa';

/** Golden files that pin I-JEPA: its loss, the sizes of its blocks, and how many patches they have on average. */
export const ijepaGolden: readonly GoldenMapping[] = [
  {
    name: 'ijepaLoss',
    matches: ({ inputs }) => 'h_full' in inputs && 'masks_pred.0' in inputs,
    run: (golden) => {
      const [batch = 1, tokens = 1] = golden.tensor('h_full').shape;
      const h: tf.Tensor3D = tf.reshape(golden.tensor('h_full'), [batch, tokens, -1]);
      const targets = tf.concat3d(
        golden.matrices('masks_pred').map((mask) => ijepaTargets(h, mask)),
        0,
      );
      return { loss: ijepaLoss(tf.reshape(golden.tensor('z'), targets.shape), targets), targets };
    },
  },
  {
    name: 'blockSize',
    matches: ({ params, outputs }) => 'pred_hw' in outputs && 'u' in outputs && 'pred_mask_scale' in params,
    run: (golden) => {
      const u = golden.file.outputs.u?.data ?? [];
      const sizes = (scale: string, aspect: readonly number[]) => {
        const options = { scale: range(golden.numbers(scale)), aspect: range(aspect) };
        return u.flatMap((value) => [...blockSize(value, gridOf(golden), options)]);
      };
      return {
        pred_hw: sizes('pred_mask_scale', golden.numbers('aspect_ratio')),
        enc_hw: sizes('enc_mask_scale', [1, 1]),
        grid: [...gridOf(golden)],
      };
    },
  },
  {
    name: 'multiBlockMask, statistics',
    matches: ({ params, outputs }) => 'n_enc_mean' in outputs && 'enc_mask_scale' in params,
    tolerance: { rtol: 0.06 },
    run: statistics,
  },
  {
    name: 'multiBlockMask, of which an example has only its constraints in common',
    matches: ({ params, outputs }) => 'enc_pred_overlap_max' in outputs && 'enc_mask_scale' in params,
    run: (golden) => ({ enc_pred_overlap_max: statistics(golden).overlap_max }),
  },
];

/** Means over batches of four, each cut to its shortest mask, and how many patches context and targets share at most. */
function statistics(golden: GoldenCase) {
  const options = {
    targetBlocks: golden.number('npred', 4),
    targetScale: range(golden.numbers('pred_mask_scale')),
    targetAspect: range(golden.numbers('aspect_ratio')),
    contextScale: range(golden.numbers('enc_mask_scale')),
  };
  const batches = Array.from({ length: 600 }, (_, seed) => {
    const random = randomStream(['statistics', seed]);
    const sizes = multiBlockSizes(random, gridOf(golden), options);
    return Array.from({ length: 4 }, () => multiBlockMask(random, gridOf(golden), sizes, options));
  });
  const least = (lengths: readonly number[]) => Math.min(...lengths);
  const contexts = batches.map((masks) => least(masks.map(({ context }) => context.length)));
  const targets = batches.map((masks) => least(masks.flatMap((mask) => mask.targets.map(({ length }) => length))));
  return {
    n_enc_mean: mean(contexts),
    n_pred_mean: mean(targets),
    n_pred_min: least(targets),
    n_pred_max: Math.max(...targets),
    overlap_max: Math.max(...batches.flat().map(overlap)),
  };
}

function overlap({ context, targets }: MultiBlockMask): number {
  const covered = new Set(targets.flat());
  return context.filter((patch) => covered.has(patch)).length;
}

function gridOf(golden: GoldenCase): PatchGrid {
  const [height = 0, width = 0] = golden.numbers('input_size');
  const patch = golden.number('patch_size');
  return [Math.floor(height / patch), Math.floor(width / patch)];
}

function range([least = 0, most = 1]: readonly number[]): readonly [number, number] {
  return [least, most];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
