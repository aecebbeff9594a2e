import { type tf, UnlabelError } from '@unlabel/core';
import { andersonDarling, cramerVonMises, watson } from './distributionDistances';
import { eppsPulley } from './eppsPulley';
import { jarqueBera, moments, vcreg } from './moments';
import { bhep, comb, henzeVisagie, henzeZirkler } from './multivariate';
import { orderLikelihood } from './orderLikelihood';
import { shapiroWilk } from './shapiroWilk';
import { vasicek } from './vasicek';

/** How far samples `[..., samples, columns]` are from N(0, 1), column by column: `[..., columns]`, differentiable. */
export type UnivariateTest = (samples: tf.Tensor) => tf.Tensor;

/** How far batches `[..., batch, dim]` are from N(0, I), all dimensions together: `[...]`, differentiable. */
export type MultivariateTest = (z: tf.Tensor) => tf.Tensor;

/** The univariate tests, by name. */
export const univariateTests = {
  'anderson-darling': andersonDarling,
  'cramer-von-mises': cramerVonMises,
  'epps-pulley': eppsPulley,
  'jarque-bera': jarqueBera,
  moments,
  'order-likelihood': orderLikelihood,
  'shapiro-wilk': shapiroWilk,
  vasicek,
  vcreg,
  watson,
} satisfies Record<string, UnivariateTest>;

/** The multivariate tests, by name. */
export const multivariateTests = {
  bhep,
  comb,
  'henze-visagie': henzeVisagie,
  'henze-zirkler': henzeZirkler,
} satisfies Record<string, MultivariateTest>;

export type UnivariateTestName = keyof typeof univariateTests;
export type MultivariateTestName = keyof typeof multivariateTests;

/** A test itself, or that of a name. @throws UnlabelError `INVALID_OPTION` */
export function testOf<Name extends string>(
  test: UnivariateTest | Name,
  tests: Readonly<Record<Name, UnivariateTest>>,
): UnivariateTest {
  if (typeof test === 'function') return test;
  if (Object.hasOwn(tests, test)) return tests[test];
  throw new UnlabelError('INVALID_OPTION', `There is no test '${test}'.`, {
    fix: `Give a function, or one of ${Object.keys(tests).join(', ')}.`,
  });
}
