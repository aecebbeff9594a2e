import { beforeAll, expect, test } from 'vitest';
import { cpu } from './backends/cpu';
import { globalViewsOf } from './globalViews';
import { scheduled } from './objective';
import { tf } from './tf';

beforeAll(async () => {
  await cpu().open();
});

const views = () => [8, 8, 4, 4, 4].map((side) => tf.zeros([2, side, side, 1]));

test('views of the first one’s shape are global, unless the caller says otherwise', () => {
  expect(globalViewsOf(views())).toBe(2);
  expect(globalViewsOf(views().slice(0, 2))).toBe(2);
  expect(globalViewsOf(views(), 1)).toBe(1);
});

test('refuses more global views than there are, and none', () => {
  for (const count of [0, 6, 1.5]) {
    expect(() => globalViewsOf(views(), count)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  }
});

test('a scalar without a schedule is named', () => {
  const momentum = tf.scalar(0.9);
  expect(scheduled({ momentum }, 'momentum')).toBe(momentum);
  expect(() => scheduled({ momentum }, 'temperature')).toThrow('There is no schedule temperature among momentum.');
});
