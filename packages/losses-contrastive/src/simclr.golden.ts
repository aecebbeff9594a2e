import { cosineSchedule, sgd } from '@unlabel/core';
import { type GoldenMapping, goldenTrajectory } from '@unlabel/testkit';
import { ntXentLoss } from './ntXent';

/** Six training steps with NT-Xent: both views through one forward pass, SGD, warm-up and cosine. */
export const simclrGolden: readonly GoldenMapping[] = [
  {
    name: 'ntXentLoss, trained with sgd',
    matches: ({ source, inputs, params }) =>
      /ntxentloss/i.test(source.function ?? '') && 'view0' in inputs && 'W1' in inputs && 'base_lr' in params,
    run: (golden) => {
      const schedule = /\(step, steps, ([\d.]+), ([\d.]+)/.exec(String(golden.file.params.schedule));
      const multiplier = cosineSchedule({
        steps: golden.number('steps'),
        start: Number(schedule?.[1]),
        end: Number(schedule?.[2]),
        warmupSteps: golden.numberAfter('schedule', 'warmup_steps'),
      });
      const optimizer = { momentum: golden.numberAfter('optimizer', 'momentum'), groups: [] };
      return goldenTrajectory(golden, {
        optimizer: sgd({ ...optimizer, weightDecay: golden.numberAfter('optimizer', 'wd') }),
        learningRate: (step) => golden.number('base_lr') * multiplier(step),
        jointViews: true,
        loss: (z0, z1) => ntXentLoss(z0, z1, { temperature: golden.number('temperature') }),
      });
    },
  },
];
