import type { Program } from '../kernels/dispatcher';
import { fieldConstants, layout, stepKinds } from './placeViews';

/** Invocations of a workgroup, which makes one view. */
const width = 256;

/** What all programs know of the view; `scale` and `shift` normalise. */
const uniforms = {
  height: 'u32',
  width: 'u32',
  channels: 'u32',
  scale0: 'f32',
  scale1: 'f32',
  scale2: 'f32',
  shift0: 'f32',
  shift1: 'f32',
  shift2: 'f32',
} as const;

/**
 * What changes each pixel by itself, and contrast, for which the workgroup sums the luma. A program gives the pixels with
 * `made`, after `prepare`; what comes after the first contrast reads back what this same invocation wrote.
 */
const steps = `
${fieldConstants}
${stepKinds.map((kind, code) => `const ${kind}: f32 = ${code}.0;`).join('\n')}
const luma = vec3(0.2989, 0.587, 0.114);
fn place(group: u32, field: u32) -> i32 { return places[group * ${layout.places}u + field]; }

fn limited(colour: vec3<f32>) -> vec3<f32> { return clamp(colour, vec3(0.0), vec3(1.0)); }

fn turnedHue(colour: vec3<f32>, sixths: f32) -> vec3<f32> {
  let value = max(colour.r, max(colour.g, colour.b));
  let chroma = value - min(colour.r, min(colour.g, colour.b));
  let divisor = max(chroma, 1e-30);
  var angle = 4.0 + (colour.r - colour.g) / divisor;
  if (value == colour.r) { angle = (colour.g - colour.b) / divisor; }
  else if (value == colour.g) { angle = 2.0 + (colour.b - colour.r) / divisor; }
  angle += sixths;
  if (angle < 0.0) { angle += 6.0; }
  if (angle >= 6.0) { angle -= 6.0; }
  var k = vec3(5.0, 3.0, 1.0) + angle;
  k -= select(vec3(0.0), vec3(6.0), k >= vec3(6.0));
  return value - chroma * limited(min(k, 4.0 - k));
}

fn changed(colour: vec3<f32>, kind: f32, strength: f32) -> vec3<f32> {
  if (kind == brightness) { return limited(colour * strength); }
  if (kind == solarize) { return select(colour, 1.0 - colour, colour >= vec3(strength)); }
  if (u.channels == 1u) { return colour; }
  if (kind == saturation) { return limited(strength * colour + (1.0 - strength) * dot(colour, luma)); }
  if (kind == hue) { return turnedHue(colour, strength); }
  return vec3(dot(colour, luma));
}

fn written(at: u32) -> vec3<f32> {
  if (u.channels == 1u) { return vec3(view[at]); }
  return vec3(view[at], view[at + 1u], view[at + 2u]);
}

fn write(at: u32, colour: vec3<f32>) {
  view[at] = colour.r;
  if (u.channels == 1u) { return; }
  view[at + 1u] = colour.g;
  view[at + 2u] = colour.b;
}

fn main(group: u32, thread: u32) {
  prepare(group, thread);
  let area = u.height * u.width;
  let first = u32(place(group, index)) * area * u.channels;
  let last = u32(place(group, lastStep));
  var current = u32(place(group, firstStep));
  var begun = false;
  var gain = 1.0;
  var lift = 0.0;
  loop {
    var next = current;
    while (next < last && numbers[next] != contrast) { next += 2u; }
    var sum = 0.0;
    for (var pixel = thread; pixel < area; pixel += ${width}u) {
      let at = first + pixel * u.channels;
      var colour: vec3<f32>;
      if (begun) { colour = limited(gain * written(at) + lift); } else { colour = made(group, pixel); }
      for (var step = current; step < next; step += 2u) { colour = changed(colour, numbers[step], numbers[step + 1u]); }
      if (next < last) { sum += select(dot(colour, luma), colour.r, u.channels == 1u); }
      else if (place(group, finished) == 1) {
        colour = colour * vec3(u.scale0, u.scale1, u.scale2) + vec3(u.shift0, u.shift1, u.shift2);
      }
      write(at, colour);
    }
    if (next >= last) { break; }
    gain = numbers[next + 1u];
    lift = workgroupSum(sum, thread) / f32(area) * (1.0 - gain);
    begun = true;
    current = next + 2u;
  }
}`;

/** Crop, resize, mirror and the steps up to the first blur; one workgroup makes one view. */
export const cropProgram: Program = {
  name: 'views: crop and steps',
  workgroup: width,
  inputs: { pixels: 'i32', places: 'i32', numbers: 'f32' },
  outputs: { view: 'f32' },
  uniforms: { ...uniforms, cubic: 'u32', antialias: 'u32' },
  sums: 'f32',
  code: `
${steps}
struct Axis { low: i32, high: i32, start: i32, fraction: f32, coarse: f32, fine: f32, spread: f32 }
/** The positions that a filter covers, and its middle: a whole number and a rest. */
struct Taps { begin: i32, end: i32, whole: i32, rest: f32, spread: f32, total: f32 }

fn axis(group: u32, bounds: u32, at: u32) -> Axis {
  let n = group * ${layout.numbers}u + at;
  return Axis(
    place(group, bounds), place(group, bounds + 1u), place(group, bounds + 2u),
    numbers[n], numbers[n + 1u], numbers[n + 2u], numbers[n + 3u],
  );
}

fn cubicFilter(distance: f32, a: f32) -> f32 {
  if (distance < 1.0) { return ((a + 2.0) * distance - (a + 3.0)) * distance * distance + 1.0; }
  if (distance < 2.0) { return ((distance - 5.0) * distance + 8.0) * distance * a - 4.0 * a; }
  return 0.0;
}

fn weight(taps: Taps, position: i32) -> f32 {
  if (taps.total == 0.0) { return 1.0; }
  let distance = abs(f32(position - taps.whole) + 0.5 - taps.rest) / taps.spread;
  if (u.cubic == 0u) { return max(0.0, 1.0 - distance) / taps.total; }
  return cubicFilter(distance, select(-0.75, -0.5, u.antialias == 1u)) / taps.total;
}

fn tapsOf(axis: Axis, position: i32) -> Taps {
  let middle = f32(2 * position + 1) * 0.5;
  let distance = middle * axis.coarse; // exact up to 2,048 positions
  let rest = distance - floor(distance) + middle * axis.fine + axis.fraction;
  let whole = axis.start + i32(floor(distance));
  let support = axis.spread * select(1.0, 2.0, u.cubic == 1u);
  var taps = Taps(
    whole + i32(floor(rest - support + 0.5)), whole + i32(floor(rest + support + 0.5)), whole, rest, axis.spread, 1.0,
  );
  if (u.antialias == 1u) {
    taps.begin = max(taps.begin, axis.low);
    taps.end = min(taps.end, axis.high);
  }
  var total = 0.0;
  for (var tap = taps.begin; tap < taps.end; tap++) { total += weight(taps, tap); }
  taps.total = total;
  if (total == 0.0) { // beyond the border
    taps.begin = clamp(whole + i32(floor(rest)), axis.low, axis.high - 1);
    taps.end = taps.begin + 1;
  }
  return taps;
}

fn source(byte: u32, colours: i32) -> vec3<f32> {
  let word = byte / 4u;
  let shift = 8u * (byte % 4u);
  var bits = u32(pixels[word]) >> shift;
  if (colours == 1) { return vec3(f32(bits & 255u)); }
  if (shift > 8u) { bits |= u32(pixels[word + 1u]) << (32u - shift); }
  return vec3(f32(bits & 255u), f32((bits >> 8u) & 255u), f32((bits >> 16u) & 255u));
}

fn prepare(group: u32, thread: u32) {}

fn made(group: u32, pixel: u32) -> vec3<f32> {
  var y = i32(pixel / u.width);
  var x = i32(pixel % u.width);
  let flips = place(group, mirrored);
  if ((flips & 1) != 0) { x = i32(u.width) - 1 - x; }
  if ((flips & 2) != 0) { y = i32(u.height) - 1 - y; }
  let rows = axis(group, rowsLow, 0u);
  let columns = axis(group, columnsLow, 4u);
  let down = tapsOf(rows, y);
  let along = tapsOf(columns, x);
  let bytes = u32(place(group, offset));
  let colours = place(group, sourceChannels);
  let across = place(group, sourceWidth);
  var sum = vec3(0.0);
  for (var row = down.begin; row < down.end; row++) {
    let line = clamp(row, rows.low, rows.high - 1) * across;
    var blend = vec3(0.0);
    for (var column = along.begin; column < along.end; column++) {
      let at = line + clamp(column, columns.low, columns.high - 1);
      blend += weight(along, column) * source(bytes + u32(at * colours), colours);
    }
    sum += weight(down, row) * blend;
  }
  let colour = limited(sum / 255.0);
  if (u.channels == 1u && colours == 3) { return vec3(dot(colour, luma)); }
  return colour;
}`,
};

/** Blurs views, down the columns into a place of their own and then along the rows; and what comes after. One workgroup finishes one view. */
export const blurProgram: Program = {
  name: 'views: blur and steps',
  workgroup: width,
  inputs: { places: 'i32', numbers: 'f32' },
  outputs: { view: 'f32', halfway: 'f32' },
  uniforms,
  sums: 'f32',
  code: `
${steps}
fn reflected(position: i32, count: i32) -> u32 {
  let inside = abs(position);
  return u32(select(inside, 2 * (count - 1) - inside, inside >= count));
}

fn prepare(group: u32, thread: u32) {
  let row = u.width * u.channels;
  let size = u.height * row;
  let weight = u32(place(group, weights));
  let rows = i32(u.height);
  for (var at = thread; at < size; at += ${width}u) {
    let first = u32(place(group, index)) * size + at % row;
    let y = i32(at / row);
    var sum = numbers[weight] * view[first + u32(y) * row];
    for (var d = 1; d <= place(group, reach); d++) {
      let pair = view[first + reflected(y - d, rows) * row] + view[first + reflected(y + d, rows) * row];
      sum += numbers[weight + u32(d)] * pair;
    }
    halfway[group * size + at] = sum;
  }
  storageBarrier();
}

fn blurred(at: u32) -> vec3<f32> {
  if (u.channels == 1u) { return vec3(halfway[at]); }
  return vec3(halfway[at], halfway[at + 1u], halfway[at + 2u]);
}

fn made(group: u32, pixel: u32) -> vec3<f32> {
  let line = (group * u.height * u.width + pixel / u.width * u.width) * u.channels;
  let x = i32(pixel % u.width);
  let columns = i32(u.width);
  let weight = u32(place(group, weights));
  var sum = numbers[weight] * blurred(line + u32(x) * u.channels);
  for (var d = 1; d <= place(group, reach); d++) {
    let before = line + reflected(x - d, columns) * u.channels;
    let after = line + reflected(x + d, columns) * u.channels;
    sum += numbers[weight + u32(d)] * (blurred(before) + blurred(after));
  }
  return sum;
}`,
};
