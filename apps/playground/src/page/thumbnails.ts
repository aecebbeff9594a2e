import type { MapSamples, Picture } from '../run/protocol';

/** The small picture of one sample. */
export function thumbnail({ side, rgba }: MapSamples, sample: number): Picture {
  const bytes = side * side * 4;
  return { height: side, width: side, rgba: rgba.slice(sample * bytes, (sample + 1) * bytes) };
}

/** All small pictures in one, row by row, to draw parts of. */
export interface Atlas {
  readonly canvas: OffscreenCanvas;
  readonly columns: number;
  readonly side: number;
}

/**
 * Pictures for the map. Those of grey images are drawn in the colour of their class, on nothing, so that they overlap well on
 * light and dark; those with colours of their own stay as they are.
 * @param colourOf a class's colour, `[red, green, blue]`
 */
export function atlasOf(samples: MapSamples, colourOf: (label: number | undefined) => readonly number[]): Atlas {
  const { count, side, labels } = samples;
  const columns = Math.ceil(Math.sqrt(count));
  const canvas = new OffscreenCanvas(Math.max(1, columns * side), Math.max(1, Math.ceil(count / columns) * side));
  const context = canvas.getContext('2d');
  const grey = isGrey(samples.rgba);
  for (let sample = 0; sample < count; sample++) {
    const { rgba } = thumbnail(samples, sample);
    if (grey) tint(rgba, colourOf(labels?.[sample]));
    const [left, top] = [(sample % columns) * side, Math.floor(sample / columns) * side];
    context?.putImageData(new ImageData(rgba, side, side), left, top);
  }
  return { canvas, columns, side };
}

function isGrey(rgba: Uint8ClampedArray): boolean {
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at] !== rgba[at + 1] || rgba[at] !== rgba[at + 2]) return false;
  }
  return true;
}

/** Brightness becomes opacity. */
function tint(rgba: Uint8ClampedArray, [red = 0, green = 0, blue = 0]: readonly number[]): void {
  for (let at = 0; at < rgba.length; at += 4) {
    const brightness = rgba[at] ?? 0;
    [rgba[at], rgba[at + 1], rgba[at + 2], rgba[at + 3]] = [red, green, blue, brightness];
  }
}
