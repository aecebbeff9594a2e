import { adam, adamw, emaUpdate, lars, type Optimizer, sgd, undecayedVectors } from '@unlabel/core';
import type { GoldenFile } from './goldenFile';
import type { GoldenCase, GoldenMapping, GoldenResult } from './goldenMapping';
import { optimizerStart, optimizerStep } from './optimizerSteps';

/** Optimizers on given parameters `p0`, `p1`, … and gradients `g<step>_<parameter>`, and the teacher's moving average. */
export const optimizerGolden: readonly GoldenMapping[] = [
  steps('sgd', /torch\/optim\/sgd\.py$/, (golden) => sgd({ ...decay(golden), ...momentum(golden), groups: [] })),
  steps('adam', /torch\/optim\/adam\.py$/, (golden) => adam({ ...decay(golden), ...betas(golden), groups: [] })),
  steps('adamw', /torch\/optim\/adamw\.py$/, (golden) => adamw({ ...decay(golden), ...betas(golden), groups: [] })),
  steps('lars, lightly', /lightly\/utils\/lars\.py$/, (golden) =>
    lars({ variant: 'lightly', ...decay(golden), ...momentum(golden), ...trust(golden), groups: [] }),
  ),
  steps('lars, barlow', /^(main|main_vicreg|moco\/optimizer)\.py$/, (golden) => {
    const groups = golden.file.params.weight_decay_filter === false ? [] : [undecayedVectors];
    return lars({ ...decay(golden), ...momentum(golden), ...trust(golden), groups });
  }),
  {
    name: 'emaUpdate',
    matches: ({ params, inputs }) => Array.isArray(params.momenta) && 'target' in inputs && 'online.0' in inputs,
    run: (golden) => {
      let teacher = { value: golden.tensor('target') };
      const after = golden.numbers('momenta').map((m, step): [string, GoldenResult] => {
        const { value = teacher.value } = emaUpdate(teacher, { value: golden.tensor(`online.${step}`) }, m);
        teacher = { value };
        return [`target_after_${step + 1}`, value];
      });
      return Object.fromEntries(after);
    },
  },
];

/** Variants that ours do not have; a file that asks for one is not ours to match. */
const foreign = ['dampening', 'amsgrad', 'maximize', 'clip_lr'] as const;

function steps(name: string, source: RegExp, optimizerFor: (golden: GoldenCase) => Optimizer): GoldenMapping {
  return {
    name,
    matches: (file) =>
      source.test(file.source.file ?? '') &&
      /\.step\b/.test(file.source.function ?? '') &&
      'g0_0' in file.inputs &&
      file.params.lars_adaptation_filter !== false &&
      foreign.every((param) => !file.params[param]),
    run: (golden) => {
      const optimizer = optimizerFor(golden);
      const names = Object.keys(golden.file.inputs).filter((input) => /^p\d+$/.test(input));
      let state = optimizerStart(optimizer, Object.fromEntries(names.map((input) => [input, golden.tensor(input)])));
      const outputs: [string, GoldenResult][] = [];
      for (let step = 0; step < stepsOf(golden.file); step++) {
        const gradients = names.map((input) => [input, golden.tensor(`g${step}_${input.slice(1)}`)] as const);
        const options = { learningRate: golden.number('lr'), step };
        state = optimizerStep(optimizer, state, Object.fromEntries(gradients), options);
        for (const [input, value] of Object.entries(state.parameters)) {
          outputs.push([`${input}_after_step${step + 1}`, value]);
        }
      }
      return Object.fromEntries(outputs);
    },
  };
}

function stepsOf({ inputs }: GoldenFile): number {
  return Object.keys(inputs).filter((input) => /^g\d+_0$/.test(input)).length;
}

function decay(golden: GoldenCase) {
  return { weightDecay: golden.number('weight_decay', 0) };
}

function momentum(golden: GoldenCase) {
  return { momentum: golden.number('momentum', 0), nesterov: golden.file.params.nesterov === true };
}

function trust(golden: GoldenCase) {
  return { trustCoefficient: golden.number('trust_coefficient', golden.number('eta', 0.001)) };
}

function betas(golden: GoldenCase) {
  const [beta1 = 0.9, beta2 = 0.999] = golden.numbers('betas');
  return { beta1, beta2, epsilon: golden.number('eps', 1e-8) };
}
