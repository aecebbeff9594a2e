import type { Encoder } from './encoder';
import { UnlabelError } from './errors';
import type { Layer, LayerContext } from './nn/layer';
import { tf } from './tf';

/** The network of a joint-embedding method. */
export interface Projection {
  /** Its variables are read under `encoder/`. */ readonly encoder: Encoder;
  /** Its variables are read under `projector/`. */ readonly projector: Layer<tf.Tensor2D, tf.Tensor2D>;
  /** Smallest batch that the loss is defined for (default 1). */ readonly minBatch?: number;
}

/**
 * Encodes and projects all views of a batch. Views of one shape pass the encoder together, and all pass the projector
 * together, so that batch norm sees them as one batch.
 * @param views each `[batch, ...shape]`; shapes may differ, as those of global and local crops do
 * @returns projections, `[views · batch, dim]`: those of view 0, then those of view 1, …
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 */
export function projectViews(views: readonly tf.Tensor[], network: Projection, context: LayerContext): tf.Tensor2D {
  const { encoder, projector, minBatch = 1 } = network;
  requireBatches(views, minBatch);
  const encodeGroup = (group: readonly IndexedView[]) => {
    const joint = tf.concat(
      group.map(({ view }) => view),
      0,
    );
    const h = encoder.apply(joint, context.scope('encoder'));
    return tf.split<tf.Tensor2D>(h, group.length).map((part, at) => ({ h: part, index: group[at]?.index ?? 0 }));
  };
  const encoded = groupsByShape(views).flatMap(encodeGroup);
  const inOrder = encoded.sort((a, b) => a.index - b.index).map(({ h }) => h);
  return projector.apply(tf.concat2d(inOrder, 0), context.scope('projector'));
}

interface IndexedView {
  readonly view: tf.Tensor;
  readonly index: number;
}

function groupsByShape(views: readonly tf.Tensor[]): readonly (readonly IndexedView[])[] {
  const groups = new Map<string, IndexedView[]>();
  for (const [index, view] of views.entries()) {
    const key = view.shape.join();
    groups.set(key, [...(groups.get(key) ?? []), { view, index }]);
  }
  return [...groups.values()];
}

function requireBatches(views: readonly tf.Tensor[], minBatch: number): void {
  const sizes = views.map((view) => view.shape[0] ?? 0);
  if (new Set(sizes).size !== 1) {
    throw new UnlabelError('SHAPE_MISMATCH', `The views hold ${sizes.join(', ')} samples.`, {
      fix: 'Give two views or more of the same samples.',
    });
  }
  const [batch = 0] = sizes;
  if (batch < minBatch) {
    throw new UnlabelError('BATCH_TOO_SMALL', `The batch holds ${batch}, but this needs ${minBatch} or more.`, {
      fix: 'Raise the batch size or drop the last partial batch.',
    });
  }
}
