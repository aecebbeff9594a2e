import { UnlabelError } from '@unlabel/core';
import { kernels, type Placed, roomFor } from './kernels';
import type { FloatImage } from './transform';

/** What to subtract and divide by, per channel, of values in [0, 1]. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** (v − mean) / std per channel, from a planar image to interleaved `target`, `[height, width, channels]`. */
export type Normaliser = (target: Float32Array, image: FloatImage & Placed) => void;

/** Prepares a normalisation. */
export function normaliser({ mean, std }: Normalisation): Normaliser {
  const scales = std.map((value) => 1 / value);
  const shifts = mean.map((value, channel) => -value * (scales[channel] ?? 1));
  const statistics = [...scales, ...shifts];
  return (target, { at, scratch, channels }) => {
    const { normalise, interleave, floats } = kernels();
    const into = scratch + roomFor(6);
    if (channels === 1) normalise(at, target.length, into, scales[0] ?? 1, shifts[0] ?? 0);
    else {
      floats().set(statistics, scratch / 4);
      interleave(at, target.length / 3, into, scratch);
    }
    target.set(floats().subarray(into / 4, into / 4 + target.length));
  };
}

/** @throws UnlabelError `INVALID_OPTION` unless there is one mean and one positive std per channel */
export function requireNormalisation({ mean, std }: Normalisation, channels: number): void {
  if (mean.length === channels && std.length === channels && std.every((value) => value > 0)) return;
  throw new UnlabelError('INVALID_OPTION', `normalise has mean [${mean}] and std [${std}] for ${channels} channels.`, {
    fix: 'Give one mean and one positive std per channel.',
  });
}
