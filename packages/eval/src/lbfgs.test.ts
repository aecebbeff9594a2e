import { expect, test } from 'vitest';
import { type Differentiable, minimise } from './lbfgs';

/** ½ Σ cᵢ (xᵢ − i)², smallest at (0, 1, 2, …), with curvatures c. */
function bowl(curvatures: readonly number[]): Differentiable {
  return (point, gradient) =>
    curvatures.reduce((sum, curvature, at) => {
      const offset = (point[at] ?? 0) - at;
      gradient[at] = curvature * offset;
      return sum + 0.5 * curvature * offset ** 2;
    }, 0);
}

const stretched = Array.from({ length: 12 }, (_, at) => 2 ** -at);
const start = new Float64Array(12).fill(7);

test('finds the bottom of a stretched bowl', () => {
  const { point, value, converged } = minimise(bowl(stretched), start, { tolerance: 1e-10 });
  expect(converged).toBe(true);
  expect(value).toBeLessThan(1e-12);
  point.forEach((coordinate, at) => {
    expect(coordinate).toBeCloseTo(at, 2);
  });
});

test('needs two steps when the preconditioner is the inverse Hessian', () => {
  const plain = minimise(bowl(stretched), start);
  const { iterations, converged } = minimise(bowl(stretched), start, {
    precondition: (gradient) => {
      gradient.forEach((slope, at) => {
        gradient[at] = slope / (stretched[at] ?? 1);
      });
    },
  });
  expect(converged).toBe(true);
  expect(iterations).toBeLessThanOrEqual(2);
  expect(plain.iterations).toBeGreaterThan(iterations);
});

test('says when the steps ran out, and when no step falls any more', () => {
  expect(minimise(bowl(stretched), start, { maxIterations: 1 })).toMatchObject({ iterations: 1, converged: false });
  const flat: Differentiable = (_, gradient) => {
    gradient.fill(1); // claims a slope that the value does not have
    return 1;
  };
  expect(minimise(flat, new Float64Array(2))).toMatchObject({ iterations: 0, converged: false });
});

test('starting at the minimum, stays', () => {
  const bottom = Float64Array.of(0, 1, 2);
  expect(minimise(bowl([1, 2, 3]), bottom)).toMatchObject({ point: bottom, iterations: 0, converged: true });
});
