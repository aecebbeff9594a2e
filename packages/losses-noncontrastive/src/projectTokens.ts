import { type Encoder, globalViewsOf, type Layer, type LayerContext, tf, UnlabelError } from '@unlabel/core';

/** An encoder that gives tokens, too: those of a ResNet are the places of its maps. */
export type TokensEncoder = Encoder & Required<Pick<Encoder, 'tokens'>>;

/** The network of a method that compares whole views and their tokens. */
export interface TokenProjection {
  /** Its variables are read under `encoder/`. */ readonly encoder: TokensEncoder;
  /** Of the mean of the tokens; its variables are read under `projector/`. */ readonly projector: Layer<
    tf.Tensor2D,
    tf.Tensor2D
  >;
  /** Of each token; its variables are read under `localProjector/`. */ readonly localProjector: Layer<
    tf.Tensor2D,
    tf.Tensor2D
  >;
}

/** The projections of a view. */
export interface ProjectedTokens {
  /** Of the whole view, `[batch, dim]`. */ readonly z: tf.Tensor2D;
  /** Of its tokens, `[batch, tokens, localDim]`. */ readonly tokens: tf.Tensor3D;
}

/**
 * Encodes and projects all views and their tokens. Views of the first one's shape pass the encoder together, then all
 * others; all pass the projectors together, so that batch norm sees them as one batch.
 * @param views each `[batch, ...shape]`, of one shape or two
 */
export function projectTokens(
  views: readonly tf.Tensor[],
  network: TokenProjection,
  context: LayerContext,
): readonly ProjectedTokens[] {
  const { encoder, projector, localProjector } = network;
  const ofFirstShape = globalViewsOf(views);
  const groups = [views.slice(0, ofFirstShape), views.slice(ofFirstShape)].filter(({ length }) => length > 0);
  const h = groups.flatMap((group) =>
    tf.split(encoder.tokens(tf.concat([...group], 0), context.scope('encoder')), group.length),
  );
  const means = h.map((tokens) => tf.mean<tf.Tensor2D>(tokens, 1));
  const rows = h.map((tokens): tf.Tensor2D => tf.reshape(tokens, [-1, tokens.shape[2]]));
  const z = projector.apply(tf.concat2d(means, 0), context.scope('projector'));
  const tokens = localProjector.apply(tf.concat2d(rows, 0), context.scope('localProjector'));
  let row = 0;
  return tf.split<tf.Tensor2D>(z, views.length).map((projection, view) => {
    const count = h[view]?.shape[1] ?? 0;
    const [batch] = projection.shape;
    const own = tf.slice2d(tokens, [row, 0], [batch * count, -1]);
    row += batch * count;
    return { z: projection, tokens: tf.reshape<tf.Rank.R3>(own, [batch, count, tokens.shape[1]]) };
  });
}

/** @throws UnlabelError `INVALID_OPTION` for an encoder without tokens, naming the objective that asks */
export function requireTokens(encoder: Encoder, objective: string): TokensEncoder {
  const { tokens } = encoder;
  if (tokens) return { ...encoder, tokens };
  throw new UnlabelError('INVALID_OPTION', `${objective} works on tokens, which the encoder ${encoder.name} lacks.`, {
    fix: 'Give it a ResNet, a vision transformer, or any other encoder with tokens.',
  });
}
