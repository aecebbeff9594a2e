/** A smooth convex function: its value at `point`; its gradient goes into `gradient`. */
export type Differentiable = (point: Float64Array, gradient: Float64Array) => number;

export interface LbfgsOptions {
  /** m, steps remembered (default 10). */ readonly history?: number;
  /** Steps at most (default 200). */ readonly maxIterations?: number;
  /** Done when no component of the gradient is larger (default 1e-5). */ readonly tolerance?: number;
  /** H₀: multiplies a gradient, in place, by an estimate of the inverse Hessian (default: the identity). */
  readonly precondition?: (gradient: Float64Array) => void;
}

/** Where {@link minimise} ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the gradient came within the tolerance. */ readonly converged: boolean;
}

/** One remembered step: s = Δpoint, y = Δgradient, ρ = 1/yᵀs. */
interface Step {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/**
 * L-BFGS with a backtracking line search, for convex functions, where every step has the curvature yᵀs > 0 that it
 * needs. Ends early, unconverged, when rounding hides any further descent.
 * @see Nocedal & Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5
 */
export function minimise(value: Differentiable, start: Float64Array, options: LbfgsOptions = {}): Minimum {
  const { history = 10, maxIterations = 200, tolerance = 1e-5, precondition } = options;
  const steps: Step[] = [];
  let point = start;
  let gradient: Float64Array = new Float64Array(start.length);
  let current = value(point, gradient);
  for (let iterations = 0; iterations <= maxIterations; iterations++) {
    if (gradient.every((slope) => Math.abs(slope) <= tolerance)) {
      return { point, value: current, iterations, converged: true };
    }
    const direction = descentDirection(gradient, steps, precondition);
    const next = iterations < maxIterations ? backtrack(value, point, current, gradient, direction) : undefined;
    if (!next) return { point, value: current, iterations, converged: false };
    const s = difference(next.point, point);
    const y = difference(next.gradient, gradient);
    const curvature = dot(s, y);
    if (curvature > 0) steps.push({ s, y, rho: 1 / curvature });
    if (steps.length > history) steps.shift();
    ({ point, gradient, value: current } = next);
  }
  return { point, value: current, iterations: maxIterations, converged: false };
}

/** −H∇f by the two-loop recursion (algorithm 7.4), H₀ scaled by sᵀy / yᵀH₀y. */
function descentDirection(
  gradient: Float64Array,
  steps: readonly Step[],
  precondition: (gradient: Float64Array) => void = () => undefined,
): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const alphas = steps.toReversed().map(({ s, y, rho }) => {
    const alpha = rho * dot(s, direction);
    addScaled(direction, -alpha, y);
    return alpha;
  });
  precondition(direction);
  const latest = steps.at(-1);
  if (latest) {
    const scaled = latest.y.slice();
    precondition(scaled);
    const gamma = 1 / (latest.rho * dot(latest.y, scaled));
    for (let at = 0; at < direction.length; at++) direction[at] = (direction[at] ?? 0) * gamma;
  }
  steps.forEach(({ s, y, rho }, index) => {
    const alpha = alphas[steps.length - 1 - index] ?? 0;
    addScaled(direction, alpha - rho * dot(y, direction), s);
  });
  return direction;
}

/** Halves the step until the function falls by a share of what its slope promises (the Armijo condition). */
function backtrack(
  value: Differentiable,
  from: Float64Array,
  fromValue: number,
  fromGradient: Float64Array,
  direction: Float64Array,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(fromGradient, direction);
  for (let length = 1; length > 1e-6; length /= 2) {
    const point = from.slice();
    addScaled(point, length, direction);
    const gradient = new Float64Array(from.length);
    const reached = value(point, gradient);
    if (reached <= fromValue + 1e-4 * length * slope) return { point, value: reached, gradient };
  }
  return undefined;
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}

function addScaled(target: Float64Array, scale: number, values: Float64Array): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) + scale * (values[at] ?? 0);
}

function difference(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((value, at) => value - (right[at] ?? 0));
}
