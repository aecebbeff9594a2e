import {
  blockMask,
  blockSize,
  type MultiBlockMask,
  multiBlockMask,
  multiBlockSizes,
  type PatchGrid,
  type RandomStream,
  randomMask,
  randomStream,
  type TubeMaskOptions,
  tubeMask,
} from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from './goldenMapping';

/**
 * Masks. Where a file holds the numbers that were drawn, or masks that tell them, ours are drawn with the same numbers and
 * must be the same; else means and extremes of many draws are compared.
 */
export const maskGolden: readonly GoldenMapping[] = [
  {
    name: 'randomMask, the same noise',
    matches: ({ inputs, outputs }) => 'noise' in inputs && 'ids_restore' in outputs,
    run: (golden) => {
      const [batch = 0, tokens = 0] = golden.values('noise').shape;
      const random = replay([...golden.values('noise').data]);
      const options = { ratio: golden.number('mask_ratio') };
      const masks = Array.from({ length: batch }, () => randomMask(random, tokens, options));
      const { data, shape: [, , dim = 1] } = golden.values('x');
      const token = (sample: number, at: number) => data.slice((sample * tokens + at) * dim, (sample * tokens + at + 1) * dim);
      return {
        x_masked: masks.flatMap(({ visible }, sample) => [...visible].flatMap((at) => token(sample, at))),
        mask: masks.flatMap(({ visible }) => Array.from({ length: tokens }, (_, at) => (visible.includes(at) ? 0 : 1))),
        ids_restore: masks.flatMap(({ restore }) => [...restore]),
      };
    },
  },
  {
    name: 'blockMask of BEiT, 400 draws',
    matches: ({ source, outputs }) => source.function === 'MaskingGenerator' && 'count_mean' in outputs,
    tolerance: { rtol: 0.05 },
    run: (golden) => {
      const [side, count] = [golden.number('input_size'), golden.number('num_masking_patches')];
      const options = { minPatches: golden.number('min_num_patches'), minAspect: golden.number('min_aspect') };
      const counts = countsOf((random) => blockMask(random, [side, side], count, options));
      return { count_mean: mean(counts), count_min: Math.min(...counts), count_max: Math.max(...counts) };
    },
  },
  {
    name: 'blockMask of DINOv2, 400 draws',
    matches: ({ source, outputs }) => source.function === 'MaskingGenerator' && 'req20_mean' in outputs,
    tolerance: { rtol: 0.05 },
    run: (golden) => {
      const [side, minPatches] = [golden.number('grid'), golden.number('min_num_patches', 4)];
      const statistics = Object.keys(golden.file.outputs).map((name) => {
        const count = Number(/^req(\d+)_/.exec(name)?.[1]);
        const counts = countsOf((random) => blockMask(random, [side, side], count, { minPatches }));
        return [name, name.endsWith('_max') ? Math.max(...counts) : mean(counts)] as const;
      });
      return Object.fromEntries(statistics);
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
    run: multiBlockStatistics,
  },
  {
    name: 'multiBlockMask, the same places',
    matches: ({ params, outputs }) => 'enc_0' in outputs && 'pred_0' in outputs && 'enc_mask_scale' in params,
    run: replayedMultiBlock,
  },
  {
    name: 'tubeMask, statistics',
    matches: ({ outputs }) => 'short_mean_n_enc' in outputs && 'long_mean_n_enc' in outputs,
    tolerance: { rtol: 0.1 },
    run: (golden) => {
      const [frames = 1, rows = 1, columns = 1] = golden.numbers('grid');
      const of = (which: 'short' | 'long') => tubeStatistics(which, golden, [frames, rows, columns]);
      return { ...of('short'), ...of('long') };
    },
  },
];

/** A stream that gives recorded numbers, in their order. */
function replay(numbers: number[]): RandomStream {
  const next = () => {
    const number = numbers.shift();
    if (number === undefined) throw new Error('More was drawn than was recorded.');
    return number;
  };
  const { normal, permutation } = randomStream(['not recorded']);
  return { uniform: next, integer: next, normal, permutation };
}

/** How many tokens each of 400 masks hides. */
function countsOf(mask: (random: RandomStream) => Float32Array): number[] {
  return Array.from({ length: 400 }, (_, draw) => mask(randomStream(['statistics', draw])).filter(Boolean).length);
}

/** Means over batches of four, each cut to its shortest mask, and how many patches context and targets share at most. */
function multiBlockStatistics(golden: GoldenCase) {
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

/**
 * Masks of recorded blocks: sizes and places are read off the recorded targets and the corner of the context, and what our
 * sampler makes of them, cut to the batch's shortest, must be every recorded patch.
 */
function replayedMultiBlock(golden: GoldenCase) {
  const [rows, columns] = gridOf(golden);
  const recorded = (name: string) => {
    const { shape: [batch = 0, tokens = 0] = [], data = [] } = golden.file.outputs[name] ?? {};
    return Array.from({ length: batch }, (_, sample) => data.slice(sample * tokens, (sample + 1) * tokens));
  };
  const names = Object.keys(golden.file.outputs).filter((name) => name.startsWith('pred_'));
  const targetsOf = names.map(recorded);
  const target = sizeOfBlock(targetsOf[0]?.[0] ?? [], columns);
  const context = blockSize(0.5, [rows, columns], { scale: range(golden.numbers('enc_mask_scale')), aspect: [1, 1] });
  const masks = recorded('enc_0').map((_, sample) => {
    const corners = targetsOf.map((blocks) => blocks[sample]?.[0] ?? 0);
    // The reference's context block always begins in the first row and column: it is one patch short of the grid.
    const places = [...corners.flatMap((first) => [Math.floor(first / columns), first % columns]), 0, 0];
    return multiBlockMask(replay(places), [rows, columns], { target, context }, { targetBlocks: names.length });
  });
  const length = least(masks.map((mask) => mask.context.length));
  const targets = names.map((name, block) => [name, masks.flatMap((mask) => mask.targets[block] ?? [])] as const);
  return {
    ...Object.fromEntries(targets),
    enc_0: masks.flatMap((mask) => mask.context.slice(0, length)),
    enc_pred_overlap_max: Math.max(...masks.map(overlap)),
  };
}

/** Height and width of a block of patches that are numbered by rows. */
function sizeOfBlock(patches: readonly number[], columns: number): PatchGrid {
  const [first = 0] = patches;
  const width = patches.filter((patch) => Math.floor(patch / columns) === Math.floor(first / columns)).length;
  return [patches.length / width, width];
}

/** Means over batches of two, which have the shape of their tubes in common, each cut to its shortest mask. */
function tubeStatistics(which: 'short' | 'long', golden: GoldenCase, grid: readonly [number, number, number]) {
  const options = tubesOf(golden.file.params[which]);
  const batches = Array.from({ length: 300 }, (_, seed) => {
    const random = randomStream([which, seed]);
    const ratio = random.uniform(0.75, 1.5);
    return [0, 1].map(() => tubeMask(random, grid, { ...options, aspect: [ratio, ratio] }));
  });
  const shortest = (of: 'context' | 'targets') => mean(batches.map((masks) => least(masks.map((mask) => mask[of].length))));
  return {
    [`${which}_mean_n_enc`]: shortest('context'),
    [`${which}_mean_n_pred`]: shortest('targets'),
    [`${which}_masked_ratio`]: 1 - shortest('context') / (grid[0] * grid[1] * grid[2]),
  };
}

function tubesOf(params: unknown): TubeMaskOptions {
  const { num_blocks: blocks = 8, spatial_scale: scale = 0.15 } = Object.fromEntries(Object.entries(params ?? {}));
  return { blocks: Number(blocks), scale: Number(scale) };
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

function range([lowest = 0, most = 1]: readonly number[]): readonly [number, number] {
  return [lowest, most];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function least(values: readonly number[]): number {
  return Math.min(...values);
}
