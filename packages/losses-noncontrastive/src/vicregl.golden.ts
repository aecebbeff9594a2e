import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { type VicreglView, vicreglLoss, vicreglTerms } from './vicregl';

/** Golden files that pin VICRegL: lightly's, whose views are two global ones and local ones. */
export const vicreglGolden: readonly GoldenMapping[] = [
  {
    name: 'vicreglLoss',
    matches: ({ source, inputs }) => /^vicregl(loss)?(\.forward)?$/i.test(source.function ?? '') && 'g0map' in inputs,
    run: (golden) => {
      const names = Object.keys(golden.file.inputs).filter((name) => /^[gl]\d+$/.test(name));
      const [forth = 20, back = 4] = golden.numbers('num_matches');
      const options = {
        globalWeight: golden.number('alpha', 0.75),
        invarianceWeight: golden.number('lambda_param', 25),
        varianceWeight: golden.number('mu_param', 25),
        covarianceWeight: golden.number('nu_param', 1),
        matches: [forth, back] as const,
        globalViews: names.filter((name) => name.startsWith('g')).length,
      };
      const views = names.map((name) => viewOf(golden, name));
      return { loss: vicreglLoss(views, options), global_only: vicreglTerms(views, options).global };
    },
  },
];

/** `g1` has its tokens in `g1map` and their places in `grid1`; all local views have theirs in `gridl`. */
function viewOf(golden: GoldenCase, name: string): VicreglView {
  const flat = (input: string): tf.Tensor3D => {
    const [batch = 1, , , dim = 1] = golden.tensor(input).shape; // `[batch, rows, columns, dim]`
    return tf.reshape(golden.tensor(input), [batch, -1, dim]);
  };
  const own = name.replace(/^g/, 'grid').replace(/^l/, 'gridl');
  const grid = [own, 'gridl'].find((candidate) => golden.has(candidate));
  const view = { z: golden.matrix(name), tokens: flat(`${name}map`) };
  return grid === undefined ? view : { ...view, positions: flat(grid) };
}
