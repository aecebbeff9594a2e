import {
  type Backend,
  type BackendSession,
  cpu,
  type HostTensors,
  lossAndGradients,
  type Step,
  type StepSignature,
  specsOf,
  tf,
} from '@unlabel/core';
import { type OpCase, opCases } from './backendOps';
import { stateCases } from './backendState';
import { type ConformanceCase, requireRefusal, requireThat } from './conformanceCase';
import { requireEqual } from './hostTensors';

/** What a backend is held to. */
export interface BackendConformanceOptions {
  /** Allowed difference to eager `cpu`, relative to each tensor's largest magnitude (default 1e-4). */ readonly tolerance?: number;
  /**
   * Op cases that the backend cannot run; each must then fail with an error that says so, and never with a wrong value.
   * `'conv2d'` names one case.
   */
  readonly unsupported?: readonly string[];
}

/**
 * What must hold of every {@link Backend}: values and gradients of some sixty op cases as eager `cpu` computes them, the
 * same random draws, and state that stays, moves and refuses as the contract says. Run the cases in order, one by one.
 */
export function backendConformance(
  backend: Backend,
  options: BackendConformanceOptions = {},
): readonly ConformanceCase[] {
  const { tolerance = 1e-4 } = options;
  const { cases, session } = heldToCpu(backend, opCases(), options);
  return [
    {
      name: 'is available here',
      run: async () => {
        const found = await backend.probe();
        requireThat(found.available, found.available ? '' : `${backend.name}: ${found.reason} ${found.fix}`);
      },
    },
    ...cases,
    ...stateCases(session, tolerance),
    {
      name: 'reports memory and lets go of the session',
      run: async () => {
        const { bytes } = (await session()).memory();
        requireThat(bytes === undefined || bytes >= 0, `memory() reports ${bytes} bytes.`);
        await (await session()).dispose();
      },
    },
  ];
}

/**
 * Ops of your own, such as those that a backend has fused kernels for: values and gradients as eager `cpu` computes them.
 * Run the cases in order, one by one.
 */
export function opConformance(
  backend: Backend,
  ops: readonly OpCase[],
  options: BackendConformanceOptions = {},
): readonly ConformanceCase[] {
  return heldToCpu(backend, ops, options).cases;
}

function heldToCpu(backend: Backend, ops: readonly OpCase[], options: BackendConformanceOptions) {
  const { tolerance = 1e-4, unsupported = [] } = options;
  const references = once(() => referenceValues(ops.filter(({ name }) => !unsupported.includes(name))));
  const session = once(async () => {
    await references(); // cpu first: the session that opens last decides where eager ops run
    return backend.open();
  });
  const opCase = (op: OpCase): ConformanceCase => ({
    name: unsupported.includes(op.name)
      ? `${op.name}: refuses it by name`
      : `${op.name}: values and gradients are those of cpu`,
    run: async () => {
      const opened = await session();
      if (unsupported.includes(op.name)) {
        const codes = ['CAPTURE_UNSUPPORTED_OP', 'BACKEND_UNAVAILABLE'] as const;
        return requireRefusal(() => evaluate(opened, op), codes, `${op.name} on ${backend.name}`);
      }
      const expected = (await references()).get(op.name);
      requireThat(expected !== undefined, `There is no reference of ${op.name}.`);
      return requireEqual(await evaluate(opened, op), expected ?? {}, op.tolerance ?? tolerance);
    },
  });
  return { cases: ops.map(opCase), session };
}

/** Value and gradients of an op in one run of a compiled step. */
async function evaluate(session: BackendSession, op: OpCase): Promise<HostTensors> {
  const signature: StepSignature = { inputs: specsOf(op.inputs), state: {} };
  const state = await session.createState({});
  const compiled = await session.compile(op.differentiable ? differentiated(op) : plain(op), signature);
  const outputs = await compiled.run(state, op.inputs, ['conformance']);
  compiled.dispose();
  state.dispose();
  return outputs;
}

function plain(op: OpCase): Step {
  return ({ inputs }) => ({ outputs: { value: op.compute(inputs) } });
}

/** The loss Σ v² + v, whose gradient with respect to the value v is nowhere constant. */
function differentiated(op: OpCase): Step {
  return ({ inputs }) => {
    const parameters = Object.fromEntries(Object.entries(inputs).filter(([, tensor]) => tensor.dtype === 'float32'));
    const { extra, gradients } = lossAndGradients(() => {
      const value = op.compute(inputs);
      return { loss: tf.sum(tf.add(tf.square(value), value)), extra: { value } };
    }, parameters);
    const named = Object.entries(gradients).map(([name, gradient]) => [`gradient/${name}`, gradient] as const);
    return { outputs: { ...extra, ...Object.fromEntries(named) } };
  };
}

async function referenceValues(ops: readonly OpCase[]): Promise<ReadonlyMap<string, HostTensors>> {
  const session = await cpu().open();
  const values = new Map<string, HostTensors>();
  for (const op of ops) values.set(op.name, await evaluate(session, op));
  await session.dispose();
  return values;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
