import { randomStream, tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { type TubeMaskOptions, tubeMask } from './tubeMasks';
import { vjepaLoss, vjepaRegulariser } from './vjepa';

/** Golden files that pin V-JEPA: its loss and variance term, and how much its tubes hide on average. */
export const vjepaGolden: readonly GoldenMapping[] = [
  {
    name: 'vjepaLoss',
    matches: ({ source, inputs }) => /loss_fn/.test(source.function ?? '') && 'z.0' in inputs && 'h.0' in inputs,
    run: (golden) => {
      const z = tokens(golden, 'z');
      return {
        loss: vjepaLoss(z, tokens(golden, 'h'), { exponent: golden.number('loss_exp', 1) }),
        reg_std_relu: vjepaRegulariser(z),
      };
    },
  },
  {
    name: 'tubeMask, statistics',
    matches: ({ outputs }) => 'short_mean_n_enc' in outputs && 'long_mean_n_enc' in outputs,
    tolerance: { rtol: 0.1 },
    run: (golden) => {
      const [frames = 1, rows = 1, columns = 1] = golden.numbers('grid');
      const all = { ...statistics('short', golden, [frames, rows, columns]) };
      return { ...all, ...statistics('long', golden, [frames, rows, columns]) };
    },
  },
];

function tokens(golden: GoldenCase, list: string): tf.Tensor3D[] {
  return Object.keys(golden.file.inputs)
    .filter((name) => name.startsWith(`${list}.`))
    .map((name) => {
      const [batch = 1, count = 1] = golden.tensor(name).shape;
      return tf.reshape(golden.tensor(name), [batch, count, -1]);
    });
}

/** Means over batches of two, which have the shape of their tubes in common, each cut to its shortest mask. */
function statistics(which: 'short' | 'long', golden: GoldenCase, grid: readonly [number, number, number]) {
  const options = tubesOf(golden.file.params[which]);
  const batches = Array.from({ length: 300 }, (_, seed) => {
    const random = randomStream([which, seed]);
    const ratio = random.uniform(0.75, 1.5);
    return [0, 1].map(() => tubeMask(random, grid, { ...options, aspect: [ratio, ratio] }));
  });
  const least = (of: 'context' | 'targets') =>
    batches.map((masks) => Math.min(...masks.map((mask) => mask[of].length))).reduce((sum, count) => sum + count, 0) /
    batches.length;
  const all = grid[0] * grid[1] * grid[2];
  return {
    [`${which}_mean_n_enc`]: least('context'),
    [`${which}_mean_n_pred`]: least('targets'),
    [`${which}_masked_ratio`]: 1 - least('context') / all,
  };
}

function tubesOf(params: unknown): TubeMaskOptions {
  const { num_blocks: blocks = 8, spatial_scale: scale = 0.15 } = Object.fromEntries(Object.entries(params ?? {}));
  return { blocks: Number(blocks), scale: Number(scale) };
}
