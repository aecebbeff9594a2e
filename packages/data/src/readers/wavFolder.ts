import { type Dataset, type SeriesSample, UnlabelError } from '@unlabel/core';
import { z } from 'zod';
import { requireSampleIndex } from '../sampleIndex';
import { identify, labelsByFolder, listFiles } from './listFiles';
import { type Resampler, resampler } from './resample';

/** How recordings are read. */
export interface WavFolderOptions {
  /** Samples a second that every recording is given (default 16,000, as models of speech take). */ readonly rate?: number;
  /** What becomes of recordings of another rate: they are resampled, or count as unreadable (default `'resample'`). */ readonly otherRates?:
    | 'resample'
    | 'refuse';
  /** Longest recording that is read; longer ones count as unreadable (default 600). */ readonly maxSeconds?: number;
}

interface Recording {
  readonly signal: Float32Array;
  readonly rate: number;
}

const mostBytes = 2 ** 29; // of one file
const format = z.object({ sampleRate: z.int().min(1).max(1_000_000), numChannels: z.int().min(1).max(1024) });

/**
 * The `.wav` files under a folder, sorted by path: PCM of 8 to 32 bits, floats, A-law, µ-law and IMA ADPCM. Channels are
 * averaged to one, and values lie in [−1, 1]. Where all files lie in subfolders, the topmost folder's name is the label.
 * @throws UnlabelError `DATASET_NOT_FOUND`, `DATASET_EMPTY`, `INVALID_OPTION`; from `read()` `SAMPLE_UNREADABLE`, also
 * for a recording without sound in it
 */
export async function wavFolder(root: string, options: WavFolderOptions = {}): Promise<Dataset<SeriesSample>> {
  const { rate = 16_000, otherRates = 'resample', maxSeconds = 600 } = options;
  if (!Number.isInteger(rate) || rate < 1 || !(maxSeconds > 0)) {
    throw new UnlabelError(
      'INVALID_OPTION',
      `rate is ${rate} and maxSeconds ${maxSeconds}; both must be positive, and the rate whole.`,
    );
  }
  const files = await listFiles(root, /\.wav$/i);
  if (files.length === 0) {
    throw new UnlabelError('DATASET_EMPTY', `There are no .wav files in ${root}.`, {
      fix: 'Check the folder; subfolders are searched too.',
    });
  }
  const { join } = await import('node:path');
  const labels = labelsByFolder(files);
  const { length } = files;
  const identity = await identify(files.map(({ path, bytes }) => `${path}\0${bytes}\n`));
  const resamplers = new Map<number, Resampler>();
  const atRate = ({ signal, rate: given }: Recording): Float32Array => {
    if (given === rate) return signal;
    if (otherRates === 'refuse') throw new Error(`has ${given} samples a second, not ${rate}`);
    const resample = resamplers.get(given) ?? resampler(given, rate);
    resamplers.set(given, resample);
    return resample(signal);
  };
  return {
    name: root,
    modality: 'series',
    length,
    read: async (index) => {
      requireSampleIndex(index, { name: root, length });
      const file = join(root, files[index]?.path ?? '');
      try {
        const data = atRate(await readRecording(file, maxSeconds));
        return { data, length: data.length, channels: 1, rate };
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new UnlabelError('SAMPLE_UNREADABLE', `${file}: ${reason}.`, { cause });
      }
    },
    sampleName: (index) => files[index]?.path ?? String(index),
    fingerprint: `wav:${length}:${identity}:${rate}`,
    ...(labels && { labels }),
  };
}

async function readRecording(file: string, maxSeconds: number): Promise<Recording> {
  const { readFile, stat } = await import('node:fs/promises');
  const about = await stat(file);
  if (!about.isFile()) throw new Error('is not a file');
  if (about.size > mostBytes) throw new Error(`has ${about.size} bytes, more than the ${mostBytes} that are read`);
  const { default: wavefile } = await import('wavefile');
  const wave = new wavefile.WaveFile(await readFile(file));
  const { sampleRate: rate, numChannels: channels } = format.parse(wave.fmt);
  if (wave.bitDepth === '4') wave.fromIMAADPCM('16');
  else if (wave.bitDepth === '8a') wave.fromALaw('16');
  else if (wave.bitDepth === '8m') wave.fromMuLaw('16');
  const values = wave.getSamples(true, Float64Array);
  const length = Math.floor(values.length / channels);
  if (length === 0) throw new Error('has no sound in it');
  if (length > maxSeconds * rate)
    throw new Error(`lasts ${length / rate} seconds, more than maxSeconds, ${maxSeconds}`);
  return { signal: mono(values, { length, channels, bitDepth: wave.bitDepth }), rate };
}

/** The average of the channels, each in [−1, 1]. */
function mono(
  values: Float64Array,
  { length, channels, bitDepth }: { readonly length: number; readonly channels: number; readonly bitDepth: string },
): Float32Array {
  const floats = bitDepth === '32f' || bitDepth === '64';
  const zero = bitDepth === '8' ? 128 : 0; // eight bits are unsigned
  const scale = floats ? channels : channels * 2 ** (Number(bitDepth) - 1);
  return Float32Array.from({ length }, (_, step) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += (values[step * channels + channel] ?? 0) - zero;
    return sum / scale;
  });
}
