import { sgd, tf } from '@unlabel/core';
import { type GoldenFile, type GoldenMapping, goldenTrajectory } from '@unlabel/testkit';
import { type VicregTerms, vicregLoss, vicregTerms } from './vicreg';

/** Golden files that pin VICReg: the authors' and lightly's form, which halve the variance, and solo-learn's, which does not. */
export const vicregGolden: readonly GoldenMapping[] = [
  {
    name: 'vicregLoss, halved variance',
    matches: (file) =>
      /^vicreg(loss)?(\.forward)?$/i.test(file.source.function ?? '') && 'x' in file.inputs && hasOurEpsilon(file),
    run: (golden) => {
      const [z0, z1] = [golden.matrix('x'), golden.matrix('y')];
      const invarianceWeight = golden.number('sim_coeff', golden.number('lambda_param', 25));
      const varianceWeight = golden.number('std_coeff', golden.number('mu_param', 25)) / 2;
      const covarianceWeight = golden.number('cov_coeff', golden.number('nu_param', 1));
      const { invariance, variance, covariance }: VicregTerms = vicregTerms(z0, z1);
      return {
        loss: vicregLoss(z0, z1, { invarianceWeight, varianceWeight, covarianceWeight }),
        invariance,
        variance: tf.div(variance, 2),
        covariance,
      };
    },
  },
  {
    name: 'vicregLoss',
    matches: (file) => file.source.function === 'vicreg_loss_func' && hasOurEpsilon(file),
    run: (golden) => ({
      loss: vicregLoss(golden.matrix('z1'), golden.matrix('z2'), {
        invarianceWeight: golden.number('sim', 25),
        varianceWeight: golden.number('var', 25),
        covarianceWeight: golden.number('cov', 1),
      }),
    }),
  },
  {
    name: 'vicregLoss, halved variance, trained with sgd',
    matches: ({ source, inputs }) => /^vicreg/i.test(source.function ?? '') && 'view0' in inputs && 'W1' in inputs,
    run: (golden) =>
      goldenTrajectory(golden, {
        optimizer: sgd({ momentum: golden.numberAfter('optimizer', 'momentum'), groups: [] }),
        learningRate: () => golden.numberAfter('optimizer', 'lr'),
        jointViews: false,
        loss: (z0, z1) => vicregLoss(z0, z1, { varianceWeight: 12.5 }),
      }),
  },
];

function hasOurEpsilon({ params }: GoldenFile): boolean {
  return (params.var_eps ?? params.eps ?? 1e-4) === 1e-4;
}
