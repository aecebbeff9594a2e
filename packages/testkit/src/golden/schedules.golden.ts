import { cosineSchedule, linearSchedule, type Schedule } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from './goldenMapping';

/** Schedules: one mapping for each reference function, giving a schedule for each output that it has. */
export const scheduleGolden: readonly GoldenMapping[] = [
  schedules('cosineSchedule, lightly', /^cosine(_warmup)?_schedule$/, (golden) => ({
    values: cosineSchedule({
      steps: golden.number('max_steps'),
      start: golden.number('start_value'),
      end: golden.number('end_value'),
      warmupSteps: golden.number('warmup_steps', 0),
      warmupStart: golden.number('warmup_start_value', 0),
    }),
  })),
  schedules('linearSchedule', /^linear_warmup_schedule$/, (golden) => ({
    values: linearSchedule({
      start: golden.number('start_value'),
      end: golden.number('end_value'),
      steps: golden.number('warmup_steps'),
    }),
  })),
  schedules('cosineSchedule, dino', /^cosine_scheduler/, (golden) => {
    const perEpoch = golden.number('niter_per_ep');
    return {
      values: cosineSchedule({
        convention: 'dino',
        steps: golden.number('epochs') * perEpoch,
        start: golden.number('base_value'),
        end: golden.number('final_value'),
        warmupSteps: golden.number('warmup_epochs', 0) * perEpoch,
        warmupStart: golden.number('start_warmup_value', 0),
      }),
    };
  }),
  schedules('cosineSchedule, dino with frozen steps', /^CosineScheduler$/, (golden) => ({
    values: cosineSchedule({
      convention: 'dino',
      steps: golden.number('total_iters'),
      start: golden.number('base_value'),
      end: golden.number('final_value'),
      warmupSteps: golden.number('warmup_iters', 0),
      warmupStart: golden.number('start_warmup_value', 0),
      frozenSteps: golden.number('freeze_iters', 0),
    }),
  })),
  schedules('cosineSchedule and linearSchedule, ijepa', /^WarmupCosineSchedule/, (golden) => {
    const steps = golden.number('T_max');
    const [start = 0, end = 1] = golden.numbers('ema');
    const [peak, final, warmupStart] = [golden.number('ref_lr'), golden.number('final_lr'), golden.number('start_lr')];
    const warmupSteps = golden.number('warmup_steps');
    const convention = 'ijepa';
    return {
      lr: cosineSchedule({ convention, steps, start: peak, end: final, warmupSteps, warmupStart }),
      wd: cosineSchedule({ convention, steps, start: golden.number('ref_wd'), end: golden.number('final_wd') }),
      momentum: linearSchedule({ start, end, steps: golden.number('ema_total') }),
    };
  }),
  schedules('cosineSchedule, mae', /^adjust_learning_rate/, (golden) => {
    const [start, epochs] = [golden.number('lr', Number.NaN), golden.number('epochs')];
    if (Number.isNaN(start)) return { lr: vicregSchedule(golden) };
    const steps = golden.file.outputs.lr?.data.length ?? 0; // epochs in fractions, the same number of steps each
    const warmupSteps = (golden.number('warmup_epochs') * steps) / epochs;
    return {
      lr: cosineSchedule({ convention: 'mae', steps, start, end: golden.number('min_lr', 0), warmupSteps }),
      momentum: cosineSchedule({ convention: 'mae', steps, start: golden.number('moco_m', 1), end: 1 }),
    };
  }),
];

/** VICReg: base rate · batch/256 down to a thousandth of it. */
function vicregSchedule(golden: GoldenCase): Schedule {
  const perEpoch = golden.number('steps_per_epoch');
  const start = (golden.number('base_lr') * golden.number('batch_size')) / 256;
  return cosineSchedule({
    convention: 'mae',
    steps: golden.number('epochs') * perEpoch,
    start,
    end: start * 0.001,
    warmupSteps: golden.number('warmup_epochs', 10) * perEpoch,
  });
}

function schedules(
  name: string,
  source: RegExp,
  make: (golden: GoldenCase) => Readonly<Record<string, Schedule>>,
): GoldenMapping {
  return {
    name,
    matches: (file) => source.test(file.source.function ?? '') && !('period' in file.params),
    run: (golden) =>
      Object.fromEntries(
        Object.entries(make(golden)).map(([output, schedule]) => {
          const { length } = golden.file.outputs[output]?.data ?? [];
          return [output, Array.from({ length }, (_, step) => schedule(step))];
        }),
      ),
  };
}
