import type { NamedTensors, StepRandom } from '../backend';
import { UnlabelError } from '../errors';
import { type HostTensor, type HostTensors, sizeOf } from '../hostTensor';
import { type RandomStream, randomStream } from '../random';
import type { tf } from '../tf';

/** Fills a new variable. */
export type Initializer = (shape: readonly number[], random: RandomStream) => Float32Array;

/** One named float32 tensor of a layer: a parameter that gradients reach, or state that the layer updates itself. */
export interface Variable {
  readonly shape: readonly number[];
  /** First value, or the root-level name of the variable whose first value this one copies (a teacher's student). */
  readonly initial: Initializer | { readonly copyOf: string };
  /** Whether the optimizer moves it. */ readonly trainable: boolean;
}

/** Variables by their name relative to the layer, parts joined by `/`. */
export type Variables = Readonly<Record<string, Variable>>;

/** What a layer sees while it is applied: its variables by relative name, the mode, and step randomness. */
export interface LayerContext {
  /** Batch statistics and dropout on, or running statistics and dropout off. */ readonly training: boolean;
  readonly random: StepRandom;
  /** The variable's value, or what `update` last set. @throws UnlabelError `VARIABLE_MISSING` */
  get(name: string): tf.Tensor;
  /** What `make` computes from trained variables: once for all parts of a batch and all views for which a layer asks. */
  shared(name: string, make: () => tf.Tensor): tf.Tensor;
  /** Sets a variable's value for the next step: in a loss, of one that is not trained. */
  update(name: string, value: tf.Tensor): void;
  /** The context of a child layer. */
  scope(name: string): LayerContext;
}

/** A building block: which variables it needs, and what it does with them. */
export interface Layer<Input extends tf.Tensor = tf.Tensor, Output extends tf.Tensor = tf.Tensor> {
  readonly variables: Variables;
  apply(input: Input, context: LayerContext): Output;
}

/** The variables of several children, each under its key: `{ conv1, norm1 }` gives `conv1/kernel`, `norm1/scale`, … */
export function variablesOf(children: Readonly<Record<string, { readonly variables: Variables }>>): Variables {
  const entries = Object.entries(children).flatMap(([scope, child]) =>
    Object.entries(child.variables).map(([name, variable]) => [`${scope}/${name}`, variable] as const),
  );
  return Object.fromEntries(entries);
}

/**
 * First values. Each variable draws from a stream of its own name, so that adding a layer leaves the others as they were.
 * @throws UnlabelError `VARIABLE_MISSING`, `SHAPE_MISMATCH`, and `INVALID_OPTION` above 2³¹ numbers, 8.6 GB
 */
export function initialise(variables: Variables, seed: number): HostTensors {
  requireRoom(variables);
  const values: Record<string, HostTensor> = {};
  const resolve = (name: string): HostTensor => {
    const known = values[name];
    if (known) return known;
    const variable = variables[name];
    if (!variable) throw missing(name, variables);
    const { initial, shape } = variable;
    const data =
      typeof initial === 'function'
        ? initial(shape, randomStream([seed, 'initialise', name]))
        : Float32Array.from(resolve(initial.copyOf).data);
    if (data.length !== sizeOf(shape)) {
      throw new UnlabelError(
        'SHAPE_MISMATCH',
        `The initial value of ${name} has ${data.length} elements, not [${shape}].`,
      );
    }
    values[name] = { dtype: 'float32', shape, data };
    return values[name];
  };
  for (const name of Object.keys(variables)) resolve(name);
  return values;
}

function requireRoom(variables: Variables): void {
  const bySize = Object.entries(variables)
    .map(([name, { shape }]) => ({ name, shape, size: sizeOf(shape) }))
    .sort((a, b) => b.size - a.size);
  const [largest] = bySize;
  const total = bySize.reduce((sum, { size }) => sum + size, 0);
  if (!largest || total <= 2 ** 31) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `All that is trained would take ${((4 * total) / 1e9).toFixed(1)} GB; ${largest.name} is [${largest.shape}].`,
    { fix: 'Take narrower layers, or fewer.' },
  );
}

/** A context over concrete tensors, and the updates that layers made in it. */
export interface CollectingContext {
  readonly context: LayerContext;
  /** Updates by root-level name. */ readonly updates: Readonly<Record<string, tf.Tensor>>;
}

/**
 * The context that a step hands to its layers. Random draws are named after the scope that asks for them, and numbered from
 * the second on (`drop`, `drop#2`, …), so that a layer can be applied to several views.
 */
export function layerContext(
  values: NamedTensors,
  options: { readonly training: boolean; readonly random: StepRandom },
): CollectingContext {
  const updates: Record<string, tf.Tensor> = {};
  const { training, random } = options;
  const shared = new Map<string, tf.Tensor>();
  const asked = new Map<string, number>();
  const numbered = (name: string) => {
    const count = (asked.get(name) ?? 0) + 1;
    asked.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  };
  const at = (prefix: string): LayerContext => ({
    training,
    random: {
      normal: (name, shape) => random.normal(numbered(prefix + name), shape),
      uniform: (name, shape) => random.uniform(numbered(prefix + name), shape),
    },
    get: (name) => {
      const value = updates[prefix + name] ?? values[prefix + name];
      if (!value) throw missing(prefix + name, values);
      return value;
    },
    shared: (name, make) => {
      const known = shared.get(prefix + name);
      if (known && !known.isDisposed) return known;
      const made = make();
      shared.set(prefix + name, made);
      return made;
    },
    update: (name, value) => {
      if (!values[prefix + name]) throw missing(prefix + name, values);
      updates[prefix + name] = value;
    },
    scope: (name) => at(`${prefix}${name}/`),
  });
  return { context: at(''), updates };
}

function missing(name: string, among: object): UnlabelError {
  const names = Object.keys(among);
  const near = names.filter((other) => other.split('/').at(-1) === name.split('/').at(-1)).slice(0, 3);
  return new UnlabelError('VARIABLE_MISSING', `There is no variable ${name} among ${names.length} variables.`, {
    fix: near.length > 0 ? `Similar: ${near.join(', ')}.` : 'Was the layer listed in variablesOf({ … }) of its parent?',
  });
}
