const zeroCrossings = 6;
const rolloff = 0.99;

/** Changes the rate of a recording. */
export type Resampler = (signal: Float32Array) => Float32Array;

/**
 * Band-limited interpolation from one rate to another: a sinc, cut off at 0.99 of the lower Nyquist frequency, under a Hann
 * window of six zero crossings to each side. It gives ⌈length · to / from⌉ values; beyond its ends a signal is silent.
 * @param from steps a second, a whole number
 * @param to steps a second, a whole number
 * @see Smith, Digital audio resampling, https://ccrma.stanford.edu/~jos/resample/
 */
export function resampler(from: number, to: number): Resampler {
  const divisor = greatestCommonDivisor(from, to);
  const [steps, phases] = [from / divisor, to / divisor]; // `phases` values come of `steps`
  const cutoff = Math.min(steps, phases) * rolloff;
  const reach = Math.ceil((zeroCrossings * steps) / cutoff);
  const taps = 2 * reach + 1;
  const kernel = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const fraction = ((phase * steps) % phases) / phases; // of a step, past the one that lies before it
    for (let tap = 0; tap < taps; tap++) {
      kernel[phase * taps + tap] = windowedSinc((cutoff / steps) * (tap - reach - fraction)) * (cutoff / steps);
    }
  }
  return (signal) => {
    const values = new Float32Array(Math.ceil((signal.length * phases) / steps));
    for (let at = 0; at < values.length; at++) {
      const first = Math.floor((at * steps) / phases) - reach;
      const row = (at % phases) * taps;
      const [start, end] = [Math.max(0, -first), Math.min(taps, signal.length - first)];
      let sum = 0;
      for (let tap = start; tap < end; tap++) sum += (kernel[row + tap] ?? 0) * (signal[first + tap] ?? 0);
      values[at] = sum;
    }
    return values;
  };
}

function windowedSinc(time: number): number {
  if (time === 0) return 1;
  if (Math.abs(time) >= zeroCrossings) return 0;
  const window = Math.cos((Math.PI * time) / (2 * zeroCrossings)) ** 2;
  return (window * Math.sin(Math.PI * time)) / (Math.PI * time);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
