import type { FusedKernel, FusedOps, tf } from '@unlabel/core';
import type { Dispatcher, Program } from './dispatcher';
import { sinCos } from './sinCos';

/**
 * Epps–Pulley's statistic in two dispatches, and its gradient in one. Each number costs one sine and cosine, of its
 * smallest angle: those of the other knots are rotations of it.
 */
export function eppsPulleyKernel(dispatcher: Dispatcher): FusedKernel<'eppsPulley'> {
  return {
    accepts: ({ samples }, { knots }) => samples.size > 0 && knots <= mostKnots,
    forward: ({ samples }, attributes) => {
      const { views, count, columns, blocks, parts } = extents(samples);
      const angles = 2 * (attributes.knots - 1);
      const [sums = samples] = dispatcher.run(partialSums(attributes), {
        inputs: [samples],
        outputs: [[parts, views, angles, columns]],
        uniforms: { views, count, columns, blocks, parts },
        groups: views * parts * blocks,
      });
      const [value = samples, slopes = samples] = dispatcher.run(statistics(attributes), {
        inputs: [sums],
        outputs: [
          [...samples.shape.slice(0, -2), columns],
          [views, angles, columns],
        ],
        uniforms: { views, count, columns, parts },
        groups: Math.ceil((views * columns) / width),
      });
      return [value, slopes];
    },
    backward: (dy, { samples }, [slopes = dy], attributes) => {
      const { views, count, columns, blocks, parts } = extents(samples);
      const [dx = samples] = dispatcher.run(gradient(attributes), {
        inputs: [dy, samples, slopes],
        outputs: [samples.shape],
        uniforms: { count, columns, blocks, parts },
        groups: views * parts * blocks,
      });
      return { samples: dx };
    },
  };
}

type Attributes = FusedOps['eppsPulley']['attributes'];

/** Sums of more knots than this do not fit in registers. */
const mostKnots = 64;
const width = 64;
const samplesOfPart = 128;
const mostParts = 16;

function extents(samples: tf.Tensor) {
  const [count = 1, columns = 1] = samples.shape.slice(-2);
  const views = samples.size / (count * columns);
  const parts = Math.min(mostParts, Math.ceil(count / samplesOfPart));
  return { views, count, columns, blocks: Math.ceil(columns / width), parts };
}

/** The knots but the first, at which both characteristic functions are 1; constants as WGSL has them. */
function knotsOf({ knots, reach }: Attributes) {
  const step = reach / (knots - 1);
  return Array.from({ length: knots - 1 }, (_, index) => {
    const t = (index + 1) * step;
    const normal = Math.exp((-t * t) / 2);
    const weight = normal * (index === knots - 2 ? step : 2 * step);
    return { index, normal: real(normal), weight: real(weight), slope: real(2 * weight * t) };
  });
}

function real(value: number): string {
  return value.toExponential(9);
}

function named(what: string, { knots, reach }: Attributes): string {
  return `${what} of Epps–Pulley at ${knots} knots to ${reach}`;
}

/** The column, part of the samples and view of an invocation. */
const place = `
  let block = group % u.blocks;
  let part = (group / u.blocks) % u.parts;
  let view = group / (u.blocks * u.parts);
  let column = block * ${width}u + thread;
  if (column >= u.columns) { return; }`;

function eachSample(attributes: Attributes, code: (index: number) => string, after = ''): string {
  const step = real(attributes.reach / (attributes.knots - 1));
  return `
  for (var n = part; n < u.count; n += u.parts) {
    let at = (view * u.count + n) * u.columns + column;
    let unit = sinCos(${step} * samples[at]);
    var angle = unit;
    ${knotsOf(attributes)
      .map(
        ({ index }) =>
          `${code(index)} angle = vec2(angle.x * unit.y + angle.y * unit.x, angle.y * unit.y - angle.x * unit.x);`,
      )
      .join('\n    ')}
    ${after}
  }`;
}

/** Sums of cosines and of sines, `[parts, views, 2 · knots, columns]`. */
function partialSums(attributes: Attributes): Program {
  const knots = knotsOf(attributes);
  return {
    name: named('sums', attributes),
    workgroup: width,
    inputs: { samples: 'f32' },
    outputs: { sums: 'f32' },
    uniforms: { views: 'u32', count: 'u32', columns: 'u32', blocks: 'u32', parts: 'u32' },
    code: `${sinCos}
fn main(group: u32, thread: u32) {${place}
  ${knots.map(({ index }) => `var sum${index} = vec2(0.0);`).join(' ')}
  ${eachSample(attributes, (index) => `sum${index} += angle;`)}
  let first = (part * u.views + view) * ${2 * knots.length}u * u.columns + column;
  ${knots
    .map(
      ({ index }) => `
  sums[first + ${2 * index}u * u.columns] = sum${index}.y;
  sums[first + ${2 * index + 1}u * u.columns] = sum${index}.x;`,
    )
    .join('')}
}`,
  };
}

/** The statistic, and what the gradient of each cosine and sine is multiplied by. */
function statistics(attributes: Attributes): Program {
  const knots = knotsOf(attributes);
  return {
    name: named('statistic', attributes),
    workgroup: width,
    inputs: { sums: 'f32' },
    outputs: { value: 'f32', slopes: 'f32' },
    uniforms: { views: 'u32', count: 'u32', columns: 'u32', parts: 'u32' },
    code: `
fn total(view: u32, column: u32, which: u32) -> f32 {
  var sum = 0.0;
  for (var part = 0u; part < u.parts; part++) {
    sum += sums[((part * u.views + view) * ${2 * knots.length}u + which) * u.columns + column];
  }
  return sum / f32(u.count);
}

fn main(group: u32, thread: u32) {
  let at = group * ${width}u + thread;
  if (at >= u.views * u.columns) { return; }
  let view = at / u.columns;
  let column = at % u.columns;
  let first = view * ${2 * knots.length}u * u.columns + column;
  var distance = 0.0;
  ${knots
    .map(
      ({ index, normal, weight, slope }) => `
  let re${index} = total(view, column, ${2 * index}u) - ${normal};
  let im${index} = total(view, column, ${2 * index + 1}u);
  distance += ${weight} * (re${index} * re${index} + im${index} * im${index});
  slopes[first + ${2 * index}u * u.columns] = ${slope} * im${index};
  slopes[first + ${2 * index + 1}u * u.columns] = -${slope} * re${index};`,
    )
    .join('')}
  value[at] = distance * f32(u.count);
}`,
  };
}

function gradient(attributes: Attributes): Program {
  const knots = knotsOf(attributes);
  return {
    name: named('gradient', attributes),
    workgroup: width,
    inputs: { dy: 'f32', samples: 'f32', slopes: 'f32' },
    outputs: { dx: 'f32' },
    uniforms: { count: 'u32', columns: 'u32', blocks: 'u32', parts: 'u32' },
    code: `${sinCos}
fn main(group: u32, thread: u32) {${place}
  let first = view * ${2 * knots.length}u * u.columns + column;
  let g = dy[view * u.columns + column];
  ${knots
    .map(
      ({ index }) =>
        `let slope${index} = vec2(slopes[first + ${2 * index + 1}u * u.columns], slopes[first + ${2 * index}u * u.columns]);`,
    )
    .join('\n  ')}
  ${eachSample(attributes, (index) => `${index === 0 ? 'var sum = 0.0; ' : ''}sum += dot(slope${index}, angle);`, 'dx[at] = g * sum;')}
}`,
  };
}
