import { findFused, putFused } from './fusedRegistry';
import { tf } from './tf';

/**
 * Parts of losses, layers and optimizers for which a backend may bring one kernel instead of the tfjs ops that they are
 * composed of. A backend registers its kernels with {@link registerFusedKernel}; where it has none, and wherever steps are
 * captured, the composed form runs. Axes in the order `[batch, tokens, dim]`, all tensors float32.
 */
export interface FusedOps {
  /** Layer normalisation over the last axis: `x` `[..., dim]`, `scale` and `offset` `[dim]` → `[..., dim]`. */
  readonly layerNorm: FusedOp<'x' | 'scale' | 'offset', { /** Added to the variance. */ readonly epsilon: number }>;
  /** GELU by erf: `x` of any shape → the same shape. */
  readonly gelu: FusedOp<'x'>;
  /**
   * softmax(QKᵀ/√(dim/heads))V in each head: `qkv` `[batch, tokens, 3 dim]` with queries, keys and values side by side, and
   * heads side by side in each → `[batch, tokens, dim]`.
   */
  readonly attention: FusedOp<'qkv', AttentionAttributes>;
  /**
   * NT-Xent: the mean over all rows i of log Σ_{k≠i} exp(sᵢₖ) − log Σⱼ exp(sᵢⱼ), where s is the cosine similarity over
   * `temperature`, a scalar, and j runs over i's sample in the other views: `z` `[views · batch, dim]`, one view after the
   * other → scalar. Rows of zeros are similar to nothing.
   */
  readonly ntXent: FusedOp<'z' | 'temperature', NtXentAttributes>;
  /** log Σⱼ exp(qᵢ·kⱼ): `queries` `[rows, dim]`, `keys` `[columns, dim]` → `[rows]`. */
  readonly rowLogSumExp: FusedOp<
    'queries' | 'keys',
    { /** Whether nothing flows back to the keys. */ readonly constantKeys: boolean }
  >;
  /** log Σⱼ exp(qᵢ·kⱼ), then log Σᵢ exp(qᵢ·kⱼ): `queries` `[rows, dim]`, `keys` `[columns, dim]` → `[rows + columns]`. */
  readonly bothLogSumExp: FusedOp<'queries' | 'keys'>;
  /**
   * The Epps–Pulley statistic N·Σⱼ wⱼ|φ̂(tⱼ) − e^{−tⱼ²/2}|² at `knots` points tⱼ from 0 to `reach`, with wⱼ = e^{−tⱼ²/2}
   * times twice the step, once at both ends: `samples` `[..., samples, columns]` → `[..., columns]`.
   */
  readonly eppsPulley: FusedOp<'samples', { readonly knots: number; readonly reach: number }>;
}

/** Which tokens of {@link FusedOps.attention} see which. */
export type AttentionAttributes = {
  readonly heads: number;
  /** Whether a token sees only itself and those before it. */ readonly causal: boolean;
};

/** What {@link FusedOps.ntXent} contrasts. */
export type NtXentAttributes = {
  readonly views: number;
  /** Whether the first sum leaves out the rows of the second, as DCL does. */ readonly decoupled: boolean;
};

/** Names of a fused op's inputs, and the numbers beside them. */
export interface FusedOp<Inputs extends string, Attributes extends FusedAttributes = Record<string, never>> {
  readonly inputs: Readonly<Record<Inputs, tf.Tensor>>;
  readonly attributes: Attributes;
}

/** Numbers and switches that are no tensors. */
export type FusedAttributes = { readonly [name: string]: number | boolean };

/** The name of a {@link FusedOps} entry. */
export type FusedOpName = keyof FusedOps;

type Inputs<Name extends FusedOpName> = FusedOps[Name]['inputs'];
type Attributes<Name extends FusedOpName> = FusedOps[Name]['attributes'];

/** A fused op on one tfjs backend. All tensors that it makes belong to the caller. */
export interface FusedKernel<Name extends FusedOpName> {
  /** Whether it can take these shapes (default: any); the composed form runs where it cannot. */
  accepts?(inputs: Inputs<Name>, attributes: Attributes<Name>): boolean;
  /** The op's value, and what `backward` needs besides the inputs. */
  forward(inputs: Inputs<Name>, attributes: Attributes<Name>): readonly [value: tf.Tensor, ...saved: tf.Tensor[]];
  /** Gradients by input from that of the value; inputs that nothing flows back to may be left out. */
  backward(
    dy: tf.Tensor,
    inputs: Inputs<Name>,
    saved: readonly tf.Tensor[],
    attributes: Attributes<Name>,
  ): Partial<Record<keyof Inputs<Name>, tf.Tensor>>;
}

/** Makes `kernel` what {@link fusedOp} runs while the tfjs backend of that name is active. */
export function registerFusedKernel<Name extends FusedOpName>(
  name: Name,
  eager: string,
  kernel: FusedKernel<Name>,
): void {
  putFused(name, eager, kernel);
}

/**
 * A value by the active backend's kernel of that name, with the kernel's gradient; by `composed` where the backend has
 * none. Gradients of the gradient are those of the composed form.
 * @param composed the op in tfjs ops, of the tensors that it is given
 */
export function fusedOp<Name extends FusedOpName, T extends tf.Tensor>(
  name: Name,
  inputs: Inputs<Name>,
  attributes: Attributes<Name>,
  composed: (inputs: Inputs<Name>) => T,
): T {
  const kernel = kernelOf(name);
  if (!kernel || kernel.accepts?.(inputs, attributes) === false) return composed(inputs);
  const names = Object.keys(inputs);
  const named = (tensors: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, index) => [name, tensors[index]])) as Inputs<Name>; // in the order of `inputs`
  const differentiable = tf.customGrad<T>((...withSave) => {
    const save = withSave.at(-1);
    const [value, ...saved] = kernel.forward(inputs, attributes);
    if (typeof save === 'function') save([...Object.values<tf.Tensor>(inputs), ...saved]);
    const gradFunc = (dy: T, kept: tf.Tensor[]) => {
      const own = kept.slice(0, names.length);
      // The tape is on when this gradient is to be differentiated, which kernels cannot be.
      if (tf.engine().isTapeOn()) return composedGradients(() => composed(named(own)), own, dy);
      const gradients = new Map<string, tf.Tensor>(
        Object.entries(kernel.backward(dy, named(own), kept.slice(names.length), attributes)),
      );
      return names.map((name, index) => gradients.get(name) ?? tf.zeros(own[index]?.shape ?? []));
    };
    return { value: value as T, gradFunc }; // a kernel keeps to the op's shape
  });
  return differentiable(...Object.values<tf.Tensor>(inputs));
}

/**
 * Whether the active backend has a kernel of that name: for layers that compose the same value of other ops where it has
 * none, because those cost less there.
 */
export function runsFused(name: FusedOpName): boolean {
  return kernelOf(name) !== undefined;
}

function composedGradients<T extends tf.Tensor>(value: () => T, inputs: tf.Tensor[], dy: T): tf.Tensor[] {
  const { grads } = tf.engine().gradients(value, inputs, dy, true);
  return inputs.map((input, index) => grads[index] ?? tf.zeros(input.shape));
}

function kernelOf<Name extends FusedOpName>(name: Name): FusedKernel<Name> | undefined {
  const found = findFused(name);
  return found === undefined ? undefined : (found as FusedKernel<Name>); // what registerFusedKernel put there
}
