import { type Preprocessing, randomStream, sizeOf, type ViewPipeline } from '@unlabel/core';

/** The mean and standard deviation, per channel, that a view normalises by: read off what it makes of black and of white. */
export function preprocessingOf(view: ViewPipeline): Preprocessing {
  const [black, white] = [renderUniform(view, 0), renderUniform(view, 255)];
  const std = black.map((value, channel) => 1 / ((white[channel] ?? 0) - value));
  const mean = black.map((value, channel) => -value * (std[channel] ?? 0));
  return { mean: mean.map(rounded), std: std.map(rounded) };
}

function renderUniform(view: ViewPipeline, value: number): readonly number[] {
  const [height = 1, width = 1, channels = 1] = view.outputs['views/0']?.shape ?? [];
  const data = new Uint8Array(height * width * channels).fill(value);
  const image = { data, height, width, channels: channels === 1 ? 1 : 3 } as const;
  const target = new Float32Array(sizeOf([height, width, channels]));
  view.render(image, view.draw(randomStream(['preprocessing']), image), { 'views/0': target });
  return Array.from(target.subarray(0, channels));
}

/** To what float32 arithmetic leaves certain. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
