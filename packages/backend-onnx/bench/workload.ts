import type { HostTensors } from '@unlabel/core';

/** Something to measure, ready to run. */
export interface Workload {
  /** Numbers that training moves. */ readonly parameters: number;
  /** Milliseconds that capture, lowering, passes and the session took. */ readonly startup: number;
  /** First weights, and views `view0` and `view1`, for the other side to begin with. */ readonly tensors: HostTensors;
  /** Runs once and returns what both sides should agree on. */ run(): Promise<number>;
}
