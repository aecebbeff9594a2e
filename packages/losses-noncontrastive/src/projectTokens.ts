import { type Encoder, globalViewsOf, type Layer, type LayerContext, tf, UnlabelError } from '@unlabel/core';

/** An encoder that gives tokens beside its features: those of a ResNet are the places of its maps. */
export type EncoderWithTokens = Encoder & Required<Pick<Encoder, 'withTokens'>>;

/** The network of a method that compares whole views and their tokens. */
export interface TokenProjection {
  /** Its variables are read under `encoder/`. */ readonly encoder: EncoderWithTokens;
  /** Of features; its variables are read under `projector/`. */ readonly projector: Layer<tf.Tensor2D, tf.Tensor2D>;
  /** Of tokens; its variables are read under `localProjector/`. */ readonly localProjector: Layer<
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
 * Encodes and projects all views and their tokens. Views of the first one's shape pass the network together, then all others,
 * so that batch norm sees each kind as one batch.
 * @param views each `[batch, ...shape]`, of one shape or two
 */
export function projectTokens(
  views: readonly tf.Tensor[],
  network: TokenProjection,
  context: LayerContext,
): readonly ProjectedTokens[] {
  const ofFirstShape = globalViewsOf(views);
  const groups = [views.slice(0, ofFirstShape), views.slice(ofFirstShape)].filter(({ length }) => length > 0);
  return groups.flatMap((group) => projectGroup(group, network, context));
}

function projectGroup(
  views: readonly tf.Tensor[],
  { encoder, projector, localProjector }: TokenProjection,
  context: LayerContext,
): readonly ProjectedTokens[] {
  const { features, tokens } = encoder.withTokens(tf.concat([...views], 0), context.scope('encoder'));
  const [rows, count, dim] = tokens.shape;
  const z = projector.apply(features, context.scope('projector'));
  const local = localProjector.apply(tf.reshape(tokens, [rows * count, dim]), context.scope('localProjector'));
  const all = tf.reshape<tf.Rank.R3>(local, [rows, count, local.shape[1]]);
  const batch = rows / views.length;
  return views.map((_, view) => ({
    z: tf.slice2d(z, [view * batch, 0], [batch, -1]),
    tokens: tf.slice3d(all, [view * batch, 0, 0], [batch, -1, -1]),
  }));
}

/** @throws UnlabelError `INVALID_OPTION` for an encoder without tokens, naming the objective that asks */
export function requireTokens(encoder: Encoder, objective: string): EncoderWithTokens {
  const { withTokens } = encoder;
  if (withTokens) return { ...encoder, withTokens };
  throw new UnlabelError('INVALID_OPTION', `${objective} works on tokens, which the encoder ${encoder.name} lacks.`, {
    fix: 'Give it a ResNet, a vision transformer, or any other encoder with tokens.',
  });
}
