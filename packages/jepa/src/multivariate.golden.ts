import { tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { bhep, comb, henzeVisagie, henzeZirkler } from './multivariate';

/** Golden files that pin the multivariate tests. */
export const multivariateGolden: readonly GoldenMapping[] = [
  mapping('bhep', 'BHEP', (golden) => bhep(golden.tensor('x'), { beta: golden.number('beta', 0.1) })),
  mapping('henzeZirkler', 'HZ', (golden) => henzeZirkler(golden.tensor('x'))),
  mapping('comb', 'COMB', (golden) => comb(golden.tensor('x'), { gamma: golden.number('gamma', 0.5) })),
  mapping('henzeVisagie', 'HV', (golden) => henzeVisagie(golden.tensor('x'), { gamma: golden.number('gamma', 2) })),
];

function mapping(name: string, reference: string, statisticOf: (golden: GoldenCase) => tf.Tensor): GoldenMapping {
  return {
    name,
    matches: ({ source, inputs }) =>
      new RegExp(`^${reference}(\\.forward)?$`).test(source.function ?? '') && 'x' in inputs,
    run: (golden) => ({ loss: tf.reshape(statisticOf(golden), []) }),
  };
}
