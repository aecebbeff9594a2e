import type { Callback } from '@unlabel/core';
import { pcaMap } from '@unlabel/eval';
import { alignMap } from './alignMap';
import type { Watched } from './samples';

/** Features of the samples of a map. */
export interface MapFeatures {
  /** `[count, dim]`, row-major. */ readonly features: Float32Array;
  readonly count: number;
  readonly dim: number;
}

/** What of the samples the map shows: what the encoder gives, or what the loss sees of that, where collapse begins. */
export type MapSource = 'features' | 'projections';

/** What samples look like to a network: `[count, dim]`, row-major. */
type See = (inputs: Float32Array, count: number) => Promise<{ readonly features: Float32Array; readonly dim: number }>;

/** The map of an embedding as it changes. */
export interface EmbeddingMap {
  /** The features that were last drawn; none before the first. */ readonly latest: MapFeatures | undefined;
  /** Draws the map of what `see` makes of the samples. */ draw(see: See, step: number): Promise<void>;
  /** Shows the other from the next step on. */ show(source: MapSource): void;
  /** Draws at the start, after epochs, and between as often as a fifth of the time allows. */ readonly callback: Callback;
}

const shortest = 700; // milliseconds between maps

/**
 * The two directions in which the features of some samples, as unit vectors, vary most, turned so that points move no
 * further than they must.
 * @param onMap takes points, `[count, 2]`, each within the unit circle
 */
export function embeddingMap(
  parts: readonly Watched[],
  onMap: (step: number, points: Float32Array<ArrayBuffer>) => void,
): EmbeddingMap {
  let points: Float32Array<ArrayBuffer> = new Float32Array(0);
  let latest: MapFeatures | undefined;
  let next = 0;
  let source: MapSource = 'features';
  const draw: EmbeddingMap['draw'] = async (see, step) => {
    const began = performance.now();
    latest = await seen(parts, see);
    const map = pcaMap({ ...latest, features: unitRows(latest.features, latest.dim) });
    points = alignMap(points, Float32Array.from(map.points.flat()));
    onMap(step, points);
    const ended = performance.now();
    next = ended + Math.max(shortest, 4 * (ended - began));
  };
  return {
    get latest() {
      return latest;
    },
    draw,
    show: (other) => {
      [source, next] = [other, 0];
    },
    callback: {
      name: 'embedding-map',
      onEvent: async (event, run) => {
        const see: See = async (inputs, count) =>
          source === 'projections'
            ? run.project(inputs, count)
            : { features: await run.embed(inputs, count), dim: run.encoder.outputDim };
        if (event.type === 'start') await draw(see, event.resumedFrom);
        const due = event.type === 'epoch' || (event.type === 'step' && performance.now() >= next);
        if (due) await draw(see, event.step);
      },
    },
  };
}

/** All parts, one after the other, to hold less at once. */
async function seen(parts: readonly Watched[], see: See): Promise<MapFeatures> {
  const all: number[] = [];
  let dim = 0;
  for (const { inputs, count } of parts) {
    const part = await see(inputs, count);
    dim = part.dim;
    for (const value of part.features) all.push(value);
  }
  return { features: Float32Array.from(all), dim, count: all.length / dim };
}

function unitRows(features: Float32Array, dim: number): Float32Array {
  const rows = Float32Array.from(features);
  for (let from = 0; from < rows.length; from += dim) {
    const row = rows.subarray(from, from + dim);
    const norm = Math.hypot(...row) || 1;
    for (let at = 0; at < dim; at++) row[at] = (row[at] ?? 0) / norm;
  }
  return rows;
}
