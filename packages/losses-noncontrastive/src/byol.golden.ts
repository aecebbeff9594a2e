import { cosineSchedule, sgd } from '@unlabel/core';
import { type GoldenMapping, goldenTrajectory } from '@unlabel/testkit';
import { byolLoss } from './byol';
import { simsiamLoss } from './simsiam';

/** Golden files that pin BYOL: the loss, and six training steps of student, predictor and teacher. */
export const byolGolden: readonly GoldenMapping[] = [
  {
    name: 'byolLoss',
    matches: ({ source, inputs }) => /^byol/i.test(source.function ?? '') && 'p0' in inputs && 't1' in inputs,
    run: (golden) => ({
      loss: byolLoss(golden.matrix('p0'), golden.matrix('p1'), golden.matrix('t0'), golden.matrix('t1')),
    }),
  },
  {
    name: 'simsiamLoss against a teacher, trained with sgd', // lightly's example of BYOL takes its form of the loss
    matches: ({ source, inputs }) => /^byol/i.test(source.function ?? '') && 'view0' in inputs && 'P_W1' in inputs,
    run: (golden) => {
      const momenta = /, ([\d.]+), ([\d.]+)\)/.exec(String(golden.file.params.momentum_schedule));
      return goldenTrajectory(golden, {
        optimizer: sgd({ momentum: golden.numberAfter('optimizer', 'momentum'), groups: [] }),
        learningRate: () => golden.numberAfter('optimizer', 'lr'),
        targetMomentum: cosineSchedule({
          steps: golden.number('steps'),
          start: Number(momenta?.[1]),
          end: Number(momenta?.[2]),
        }),
        jointViews: false,
        loss: (p0, p1, _, { t0, t1 }) => simsiamLoss(p0, p1, t0, t1),
      });
    },
  },
];
