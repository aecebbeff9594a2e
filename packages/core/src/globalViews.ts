import { UnlabelError } from './errors';
import type { tf } from './tf';

/**
 * How many of a batch's views, from the first, are global ones.
 * @param views global views first, then local crops
 * @param globalViews how many the caller says (default: as many as have the first one's shape)
 * @throws UnlabelError `INVALID_OPTION` for more than there are, or none
 */
export function globalViewsOf(views: readonly tf.Tensor[], globalViews?: number): number {
  const other = views.findIndex((view) => view.shape.join() !== views[0]?.shape.join());
  const ofFirstShape = other < 0 ? views.length : other;
  const count = globalViews ?? ofFirstShape;
  if (Number.isInteger(count) && count >= 1 && count <= views.length) return count;
  throw new UnlabelError('INVALID_OPTION', `globalViews is ${count}, but there are ${views.length} views.`, {
    fix: 'Give how many of the views, from the first, are global: 1 or more, and at most all.',
  });
}
