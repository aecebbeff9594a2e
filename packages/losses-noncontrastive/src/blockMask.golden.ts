import { randomStream } from '@unlabel/core';
import type { GoldenMapping } from '@unlabel/testkit';
import { blockMask } from './blockMask';

/** Golden files that pin block masks: means and maxima of what DINOv2's generator masked. */
export const blockMaskGolden: readonly GoldenMapping[] = [
  {
    name: 'blockMask, 400 draws',
    matches: ({ source }) => source.function === 'MaskingGenerator',
    tolerance: { rtol: 0.05 },
    run: (golden) => {
      const [side, minPatches] = [golden.number('grid'), golden.number('min_num_patches', 4)];
      const statistics = Object.keys(golden.file.outputs).map((name) => {
        const count = Number(/^req(\d+)_/.exec(name)?.[1]);
        const masked = Array.from({ length: 400 }, (_, draw) =>
          blockMask(randomStream(['statistics', draw]), [side, side], count, { minPatches }).reduce(
            (sum, one) => sum + one,
            0,
          ),
        );
        return [
          name,
          name.endsWith('_max') ? Math.max(...masked) : masked.reduce((sum, one) => sum + one) / 400,
        ] as const;
      });
      return Object.fromEntries(statistics);
    },
  },
];
