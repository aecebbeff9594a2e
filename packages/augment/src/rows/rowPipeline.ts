import { type PortableReference, type RowSample, UnlabelError, type ViewPipeline } from '@unlabel/core';
import { portable, rebuild } from '../portable';
import { requireCount } from '../requireCount';
import { drawnOf, floatTarget } from '../targets';
import { requireFeatures } from './corruption';
import type { RowTransform } from './rowTransform';

/** What a pipeline makes of a row. */
export interface RowPipelineOptions {
  /** Numbers in a row. */ readonly features: number;
  /** The kinds of view, in the order of the batch's `views/0`, `views/1`, … */ readonly views: readonly {
    /** How many views of this kind (default 1). */ readonly count?: number;
    /** What happens to the row, in this order (default nothing). */ readonly transforms?: readonly RowTransform[];
  }[];
}

/** What each transform of one view drew; `null` where it is left out. */
export type DrawnRow = readonly unknown[];

/**
 * Composes transforms to a pipeline for rows of a table. View N is `views/N`, float32 `[features]`.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SHAPE_MISMATCH` for a row of another length
 */
export function rowPipeline(options: RowPipelineOptions): ViewPipeline<readonly DrawnRow[], RowSample> {
  const { features, views } = options;
  requireCount({ features });
  const chains = views.flatMap(({ count = 1, transforms = [] }) => {
    requireCount({ count });
    return Array.from({ length: count }, () => transforms);
  });
  if (chains.length === 0) throw new UnlabelError('INVALID_OPTION', 'A pipeline needs one view or more.');
  const reference = pipelineReference(options);
  return {
    modality: 'rows',
    outputs: Object.fromEntries(
      chains.map((_, view) => [`views/${view}`, { shape: [features], dtype: 'float32' as const }]),
    ),
    draw: (random, row) => {
      requireFeatures(row, { features });
      return chains.map((transforms) => transforms.map((transform) => transform.draw(random, row)));
    },
    render: (row, drawn, targets) => {
      requireFeatures(row, { features });
      for (const [view, transforms] of chains.entries()) {
        const target = floatTarget(targets, `views/${view}`);
        const parameters = drawnOf(drawn, view);
        target.set(row.data);
        for (const [index, transform] of transforms.entries()) {
          if (parameters[index] !== null) transform.apply(target, parameters[index]);
        }
      }
    },
    ...(reference && { portable: reference }),
  };
}

/** A pipeline's options with references in place of transforms. */
export interface PortableRowPipelineOptions extends Omit<RowPipelineOptions, 'views'> {
  readonly views: readonly { readonly count?: number; readonly transforms: readonly PortableReference[] }[];
}

/** Rebuilds a row pipeline from its `portable` reference, in a worker thread. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuildRowPipeline(
  options: PortableRowPipelineOptions,
): Promise<ViewPipeline<readonly DrawnRow[], RowSample>> {
  const views = options.views.map(async ({ transforms, ...view }) => ({
    ...view,
    transforms: await Promise.all(transforms.map((transform) => rebuild<RowTransform>(transform))),
  }));
  return rowPipeline({ ...options, views: await Promise.all(views) });
}

/** The pipeline's reference, or none as soon as one of its parts has none. */
function pipelineReference({ views, ...rest }: RowPipelineOptions): PortableReference | undefined {
  const parts: PortableRowPipelineOptions['views'][number][] = [];
  for (const { transforms = [], ...view } of views) {
    const references = transforms.flatMap((transform) => transform.portable ?? []);
    if (references.length < transforms.length) return undefined;
    parts.push({ ...view, transforms: references });
  }
  return portable('rebuildRowPipeline', { ...rest, views: parts });
}
