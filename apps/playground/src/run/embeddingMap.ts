import type { Callback, RunHandle } from '@unlabel/core';
import { pcaMap } from '@unlabel/eval';
import { alignMap } from './alignMap';
import type { Watched } from './samples';

/** Features of the samples of a map. */
export interface MapFeatures {
  /** `[count, dim]`, row-major. */ readonly features: Float32Array;
  readonly count: number;
  readonly dim: number;
}

/** The map of an embedding as it changes. */
export interface EmbeddingMap {
  /** The features that were last drawn; none before the first. */ readonly latest: MapFeatures | undefined;
  /** Draws the map of the present features. */
  draw(embed: RunHandle['embed'], dim: number, step: number): Promise<void>;
  /** Draws at the start, after epochs, and between as often as a fifth of the time allows. */ readonly callback: Callback;
}

const shortest = 700; // milliseconds between maps

/**
 * The two directions in which the features of some samples, as unit vectors, vary most, turned so that points move no
 * further than they must.
 * @param show takes points, `[count, 2]`, each within the unit circle
 */
export function embeddingMap(
  parts: readonly Watched[],
  show: (step: number, points: Float32Array<ArrayBuffer>) => void,
): EmbeddingMap {
  let points: Float32Array<ArrayBuffer> = new Float32Array(0);
  let latest: MapFeatures | undefined;
  let next = 0;
  const draw: EmbeddingMap['draw'] = async (embed, dim, step) => {
    const began = performance.now();
    const all: Float32Array[] = [];
    for (const { inputs, count } of parts) all.push(await embed(inputs, count)); // one after the other, to hold less
    const features = Float32Array.from(all.flatMap((part) => Array.from(part)));
    latest = { features, dim, count: features.length / dim };
    const map = pcaMap({ ...latest, features: unitRows(features, dim) });
    points = alignMap(points, Float32Array.from(map.points.flat()));
    show(step, points);
    const ended = performance.now();
    next = ended + Math.max(shortest, 4 * (ended - began));
  };
  return {
    get latest() {
      return latest;
    },
    draw,
    callback: {
      name: 'embedding-map',
      onEvent: async (event, run) => {
        if (event.type === 'start') await draw(run.embed, run.encoder.outputDim, event.resumedFrom);
        const due = event.type === 'epoch' || (event.type === 'step' && performance.now() >= next);
        if (due) await draw(run.embed, run.encoder.outputDim, event.step);
      },
    },
  };
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
