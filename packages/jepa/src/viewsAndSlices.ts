import { type LayerContext, type Projection, projectViews, tf } from '@unlabel/core';

/** What a regulariser of slices sees of a batch. */
export interface ViewsAndSlices {
  /** Projections of all views, `[views, batch, dim]`. */ readonly z: tf.Tensor3D;
  /** Directions drawn for this step, `[dim, slices]`. */ readonly slices: tf.Tensor2D;
  /** Projections of view 0, `[batch, dim]`. */ readonly projection: tf.Tensor2D;
}

/**
 * Projects the views of a batch and draws directions, as LeJEPA and VISReg do.
 * @param count how many directions
 * @throws UnlabelError `SHAPE_MISMATCH`, `BATCH_TOO_SMALL`
 */
export function viewsAndSlices(
  views: readonly tf.Tensor[],
  network: Projection,
  count: number,
  context: LayerContext,
): ViewsAndSlices {
  const rows = projectViews(views, network, context);
  const [batch, dim] = [rows.shape[0] / views.length, rows.shape[1]];
  return {
    z: tf.reshape(rows, [views.length, batch, dim]),
    slices: tf.reshape(context.random.normal('slices', [dim, count]), [dim, count]),
    projection: tf.slice2d(rows, [0, 0], [batch, dim]),
  };
}
