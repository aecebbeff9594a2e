import { expect, test } from 'vitest';
import dino from '../../golden/sched_dino_cosine.json' with { type: 'json' };
import dinoMomentum from '../../golden/sched_dino_momentum.json' with { type: 'json' };
import dinov2 from '../../golden/sched_dinov2_cosine.json' with { type: 'json' };
import ijepa from '../../golden/sched_ijepa.json' with { type: 'json' };
import lightly from '../../golden/sched_lightly_cosine.json' with { type: 'json' };
import lightlyWarmup from '../../golden/sched_lightly_cosine_warmup.json' with { type: 'json' };
import lightlyLinear from '../../golden/sched_lightly_linear_warmup.json' with { type: 'json' };
import mae from '../../golden/sched_mae.json' with { type: 'json' };
import mocov3 from '../../golden/sched_mocov3.json' with { type: 'json' };
import vicreg from '../../golden/sched_vicreg.json' with { type: 'json' };
import { UnlabelError } from '../errors';
import { constantSchedule, cosineSchedule, linearSchedule, type Schedule, stepSchedule } from './schedules';

const halves = { steps: 24, warmupSteps: 6, convention: 'mae' } as const; // 12 epochs, 3 of warm-up, in half epochs

test.each<[string, Schedule, { readonly data: readonly number[] }]>([
  ['lightly', cosineSchedule({ steps: 20, start: 0.996, end: 1 }), lightly.outputs.values],
  [
    'lightly with warm-up',
    cosineSchedule({ steps: 20, start: 1, end: 0.001, warmupSteps: 5 }),
    lightlyWarmup.outputs.values,
  ],
  ['lightly linear', linearSchedule({ start: 0.04, end: 0.07, steps: 5 }), lightlyLinear.outputs.values],
  [
    'DINO',
    cosineSchedule({ steps: 20, start: 5e-4, end: 1e-6, warmupSteps: 8, convention: 'dino' }),
    dino.outputs.values,
  ],
  [
    'DINO momentum',
    cosineSchedule({ steps: 20, start: 0.996, end: 1, convention: 'dino' }),
    dinoMomentum.outputs.values,
  ],
  [
    'DINOv2',
    cosineSchedule({ steps: 20, start: 4e-3, end: 1e-6, warmupSteps: 4, frozenSteps: 2, convention: 'dino' }),
    dinov2.outputs.values,
  ],
  [
    'I-JEPA',
    cosineSchedule({ steps: 20, start: 1e-3, end: 1e-6, warmupSteps: 4, warmupStart: 2e-4, convention: 'ijepa' }),
    ijepa.outputs.lr,
  ],
  ['I-JEPA weight decay', cosineSchedule({ steps: 20, start: 0.04, end: 0.4, convention: 'ijepa' }), ijepa.outputs.wd],
  ['I-JEPA momentum', linearSchedule({ start: 0.996, end: 1, steps: 20 }), ijepa.outputs.momentum],
  ['MAE', cosineSchedule({ ...halves, start: 1.5e-4 }), mae.outputs.lr],
  ['MoCo v3', cosineSchedule({ ...halves, start: 0.6 }), mocov3.outputs.lr],
  ['MoCo v3 momentum', cosineSchedule({ steps: 24, start: 0.99, end: 1, convention: 'mae' }), mocov3.outputs.momentum],
  [
    'VICReg',
    cosineSchedule({ steps: 45, start: 0.4, end: 4e-4, warmupSteps: 30, convention: 'mae' }),
    vicreg.outputs.lr,
  ],
])('gives the values of %s', (_, schedule, { data }) => {
  expect(data.length).toBeGreaterThan(5);
  for (const [step, value] of data.entries()) {
    expect(Math.abs(schedule(step) - value), `step ${step}`).toBeLessThanOrEqual(1e-9 * Math.abs(value) + 1e-10);
  }
});

test('stays at its end past the last step, whatever the convention', () => {
  for (const convention of ['lightly', 'mae', 'dino', 'ijepa'] as const) {
    expect(cosineSchedule({ steps: 4, start: 1, end: 0.5, convention })(9)).toBeCloseTo(0.5, 12);
  }
  expect(linearSchedule({ start: 1, end: 0.5, steps: 4 })(9)).toBe(0.5);
});

test('is at its end with a single step, and at its start after a single step of warm-up', () => {
  expect(cosineSchedule({ steps: 1, start: 1, end: 0.5 })(0)).toBe(0.5);
  expect(cosineSchedule({ steps: 9, start: 1, warmupSteps: 1, convention: 'dino' })(0)).toBe(1);
});

test('drops by the factor at each milestone', () => {
  const schedule = stepSchedule({ start: 8, milestones: [2, 4], factor: 0.5 });
  expect([0, 1, 2, 3, 4, 5].map(schedule)).toEqual([8, 8, 4, 4, 2, 2]);
  expect([0, 5].map(constantSchedule(3))).toEqual([3, 3]);
});

test('refuses a warm-up that leaves no steps', () => {
  expect(() => cosineSchedule({ steps: 5, start: 1, warmupSteps: 5 })).toThrow(UnlabelError);
  expect(() => linearSchedule({ start: 0, end: 1, steps: 0 })).toThrow(UnlabelError);
});
