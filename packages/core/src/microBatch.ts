import type { BackendSession } from './backend';
import { type Encoder, isTokenEncoder, type TokenEncoder } from './encoder';
import { UnlabelError } from './errors';
import type { LayerContext } from './nn/layer';
import { tf } from './tf';

/** How many samples pass an encoder together: a number, all of a batch (`false`), or what suits backend and encoder. */
export type MicroBatch = 'auto' | number | false;

/** `'auto'` makes no more parts than this: each adds to the time that capturing a step takes. */
const mostParts = 4;

/**
 * The same encoder, which takes a batch in parts of `size` samples, one after the other: activations stay in the
 * processor's cache. Features, tokens and gradients are those of the whole batch but for rounding; random draws too, for
 * each part reads its rows of the draw that the whole batch would make: draws whose first axis is a multiple of the
 * samples are taken for rows of samples, all parts share the others. The stages of a `TokenEncoder` stay whole.
 * @param size samples in a part, a whole number from 1; the last part may be smaller
 * @throws UnlabelError `INVALID_OPTION`; from `apply` while training, if the encoder keeps statistics of batches, as
 * batch norm does: they would be those of parts
 */
export function microBatched(encoder: Encoder, size: number): Encoder {
  if (!(Number.isInteger(size) && size >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `A micro-batch of ${size} samples is no whole number from 1.`, {
      fix: "Give a number such as 16, 'auto' or false.",
    });
  }
  return inParts(encoder, () => size);
}

/**
 * The encoder as a run applies it. `'auto'` takes parts if the session says that they pay (`microBatchBytes`), and if the
 * encoder is a transformer without statistics of batches: as many samples as have their widest activation in that space.
 * @throws UnlabelError as {@link microBatched}
 */
export function withMicroBatch(
  encoder: Encoder,
  choice: MicroBatch,
  session: Pick<BackendSession, 'microBatchBytes'> = {},
): Encoder {
  if (choice === false) return encoder;
  if (choice !== 'auto') return microBatched(encoder, choice);
  const { microBatchBytes } = session;
  const keepsStatistics = Object.values(encoder.variables).some(({ trainable }) => !trainable);
  if (microBatchBytes === undefined || keepsStatistics || !isTokenEncoder(encoder)) return encoder;
  const size = Math.max(1, Math.floor(microBatchBytes / widestActivation(encoder)));
  return inParts(encoder, (batch) => Math.max(size, Math.ceil(batch / mostParts)));
}

/** Bytes that the hidden layer of a transformer's MLP takes for one sample, at the usual ratio of 4. */
function widestActivation({ grid, tokenDim }: TokenEncoder): number {
  return grid.reduce((tokens, extent) => tokens * extent, 1) * tokenDim * 4 * Float32Array.BYTES_PER_ELEMENT;
}

function inParts(encoder: Encoder, sizeFor: (batch: number) => number): Encoder {
  const { tokens } = encoder;
  return {
    ...encoder,
    apply: (input, context) => joined(input, context, sizeFor, encoder.apply),
    ...(tokens && { tokens: (input, context) => joined(input, context, sizeFor, tokens) }),
  };
}

/** Applies `apply` to parts of nearly equal size and puts the results together. */
function joined<Output extends tf.Tensor>(
  input: tf.Tensor,
  context: LayerContext,
  sizeFor: (batch: number) => number,
  apply: (input: tf.Tensor, context: LayerContext) => Output,
): Output {
  const [batch = 0] = input.shape;
  const parts = Math.ceil(batch / sizeFor(batch));
  if (parts <= 1) return apply(input, context);
  const size = Math.ceil(batch / parts);
  const draws = new Map<string, tf.Tensor>();
  const outputs = Array.from({ length: Math.ceil(batch / size) }, (_, index) => {
    const start = index * size;
    const part = { start, count: Math.min(size, batch - start), batch, draws, asked: new Map<string, number>() };
    return apply(tf.slice(input, [start], [part.count]), contextOfPart(context, part, ''));
  });
  return tf.concat(outputs, 0);
}

/** Some samples of a batch. */
interface Part {
  readonly start: number;
  readonly count: number;
  /** Samples in the whole batch. */ readonly batch: number;
  /** Draws of the whole batch, by name and number. */ readonly draws: Map<string, tf.Tensor>;
  /** How often this part has asked for a name. */ readonly asked: Map<string, number>;
}

function contextOfPart(context: LayerContext, part: Part, prefix: string): LayerContext {
  const { start, count, batch, draws, asked } = part;
  const draw = (kind: 'normal' | 'uniform') => (name: string, shape: readonly number[]) => {
    const [rows = 0, ...rest] = shape;
    const perSample = rows / count;
    const bySample = shape.length > 0 && Number.isInteger(perSample);
    const path = `${kind} ${prefix}${name}`;
    const number = (asked.get(path) ?? 0) + 1;
    asked.set(path, number);
    const key = `${path} ${number}`;
    const whole = draws.get(key) ?? context.random[kind](name, bySample ? [perSample * batch, ...rest] : shape);
    draws.set(key, whole);
    return bySample ? tf.slice(whole, [perSample * start], [rows]) : whole;
  };
  return {
    training: context.training,
    random: { normal: draw('normal'), uniform: draw('uniform') },
    get: context.get,
    shared: context.shared,
    update: (name) => {
      throw new UnlabelError('INVALID_OPTION', `The encoder keeps statistics of batches in ${prefix}${name}.`, {
        fix: 'In parts of a batch they would be others: set microBatch to false, or use layer or group norm.',
      });
    },
    scope: (name) => contextOfPart(context.scope(name), part, `${prefix}${name}/`),
  };
}
