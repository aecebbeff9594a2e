import type { Atlas } from './thumbnails';

/** Where points are drawn: pixels of the canvas for coordinates of the map. */
export interface Placement {
  readonly centre: readonly [number, number];
  /** Pixels for a unit of the map. */ readonly scale: number;
}

const closest = 0.12; // half the extent of a map that fills the canvas: a collapsed one stays a spot

/** Shows all but the outermost points of a map; never so near that what has collapsed looks spread. */
export function placementOf(points: Float32Array, width: number, height: number): Placement {
  const [left, right] = extentOf(points, 0);
  const [bottom, top] = extentOf(points, 1);
  const margin = 1.12;
  const across = width / (2 * Math.max(closest, ((right - left) / 2) * margin));
  const upwards = height / (2 * Math.max(closest, ((top - bottom) / 2) * margin));
  const scale = Math.min(across, upwards);
  return { centre: [width / 2 - ((left + right) / 2) * scale, height / 2 + ((bottom + top) / 2) * scale], scale };
}

/** Between what all but one of a hundred points lie, along one of both axes. */
function extentOf(points: Float32Array, axis: 0 | 1): readonly [number, number] {
  const values = points.filter((_, at) => at % 2 === axis).sort();
  const outer = Math.floor(0.005 * values.length);
  return [values[outer] ?? 0, values[values.length - 1 - outer] ?? 0];
}

/** What is drawn. */
export interface Scatter {
  readonly points: Float32Array;
  readonly placement: Placement;
  readonly atlas: Atlas;
  /** Pixels of a thumbnail. */ readonly size: number;
  readonly selected: number | undefined;
  readonly near: readonly number[];
  /** Colour of the frame around what is selected. */ readonly ink: string;
}

/** Draws all thumbnails, and frames around the selected one and its neighbours. */
export function drawScatter(context: CanvasRenderingContext2D, scatter: Scatter): void {
  const { points, size, selected, near, ink } = scatter;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.imageSmoothingEnabled = true;
  const drawn = selected === undefined ? [] : [...near, selected];
  for (let sample = 0; sample < points.length / 2; sample++) drawThumbnail(context, scatter, sample, size);
  for (const sample of drawn) {
    const large = size * (sample === selected ? 1.8 : 1.3);
    const [x, y] = placeOf(scatter, sample);
    context.clearRect(x - large / 2, y - large / 2, large, large);
    drawThumbnail(context, scatter, sample, large);
    context.strokeStyle = ink;
    context.lineWidth = sample === selected ? 3 : 1.5;
    context.strokeRect(x - large / 2, y - large / 2, large, large);
  }
}

function drawThumbnail(context: CanvasRenderingContext2D, scatter: Scatter, sample: number, size: number): void {
  const { canvas, columns, side } = scatter.atlas;
  const [x, y] = placeOf(scatter, sample);
  const [left, top] = [(sample % columns) * side, Math.floor(sample / columns) * side];
  context.drawImage(canvas, left, top, side, side, x - size / 2, y - size / 2, size, size);
}

function placeOf(
  { points, placement }: Pick<Scatter, 'points' | 'placement'>,
  sample: number,
): readonly [number, number] {
  const [x, y] = placement.centre;
  return [x + (points[2 * sample] ?? 0) * placement.scale, y - (points[2 * sample + 1] ?? 0) * placement.scale];
}

/** The sample nearest to a place of the canvas, if one is near. */
export function sampleAt(
  scatter: Pick<Scatter, 'points' | 'placement' | 'size'>,
  x: number,
  y: number,
): number | undefined {
  let [nearest, least]: [number | undefined, number] = [undefined, scatter.size];
  for (let sample = 0; sample < scatter.points.length / 2; sample++) {
    const [left, top] = placeOf(scatter, sample);
    const distance = Math.hypot(left - x, top - y);
    if (distance <= least) [nearest, least] = [sample, distance];
  }
  return nearest;
}

/** The next sample from one in a direction: the nearest of those that lie more ahead than aside. */
export function sampleTowards(points: Float32Array, from: number, [dx, dy]: readonly [number, number]): number {
  let [next, least] = [from, Number.POSITIVE_INFINITY];
  for (let sample = 0; sample < points.length / 2; sample++) {
    const x = (points[2 * sample] ?? 0) - (points[2 * from] ?? 0);
    const y = (points[2 * sample + 1] ?? 0) - (points[2 * from + 1] ?? 0);
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (sample !== from && ahead > aside && Math.hypot(x, y) < least) [next, least] = [sample, Math.hypot(x, y)];
  }
  return next;
}
