import type { GoldenMapping } from '@unlabel/testkit';
import { swavCodes, swavLoss } from './swav';

/** Golden files that pin SwAV, of lightly: with and without small crops and queues. */
export const swavGolden: readonly GoldenMapping[] = [
  {
    name: 'swavLoss',
    matches: ({ source, inputs }) => /swav/i.test(source.function ?? '') && 'high.0' in inputs,
    run: (golden) => {
      const [high, low, queue] = [golden.matrices('high'), golden.matrices('low'), golden.matrices('queue')];
      const options = {
        epsilon: golden.number('sinkhorn_epsilon', 0.05),
        iterations: golden.number('sinkhorn_iterations', 3),
      };
      const codes = high.map((scores, view) => [`codes${view}`, swavCodes(scores, queue[view], options)] as const);
      const temperature = golden.number('temperature', 0.1);
      return { loss: swavLoss(high, low, { ...options, temperature, queue }), ...Object.fromEntries(codes) };
    },
  },
];
