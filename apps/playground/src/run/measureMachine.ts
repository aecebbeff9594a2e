import { measureKernels, measureViews, webgpu } from '@unlabel/backend-webgpu';
import { pretrain, randomStream, tf } from '@unlabel/core';
import { ntXentLoss } from '@unlabel/losses-contrastive';
import { openBackend } from './backends';
import { failureOf } from './failure';
import type { OpenRun } from './openRun';
import type { MachineFigures, MeasuredRow, MeasuredSide } from './protocol';
import { batchesOf, optionsOf } from './train';

const batch = 64; // of views

/**
 * Measures what a run takes on this machine: its views and its step on the GPU and without, and a kernel of ours against the
 * ops that it stands for. Sessions that were open before are of no use afterwards: tfjs has one backend at a time.
 * @param onFigures takes what has been measured so far, row by row
 */
export async function measureMachine(run: OpenRun, onFigures: (figures: MachineFigures) => void): Promise<void> {
  const found = await webgpu().probe();
  const software = found.available && found.software === true;
  const adapter = found.available ? found.detail : `none: ${found.reason}`;
  const rows: MeasuredRow[] = [];
  const seconds = software ? 0.1 : 1.5; // for each side of a step, after the first one, which compiles
  const add = (row: MeasuredRow) => {
    rows.push(row);
    onFigures({ adapter, software, rows: [...rows] });
  };
  const { method, encoder, batchSize } = run.settings;
  add({ what: `Views a second, ${run.settings.views}`, sides: await viewSides(run, seconds / 3) });
  const step = `Step of ${method}, ${encoder}, batch ${batchSize}, with its views`;
  add({ what: step, sides: [await stepSide(run, 'webgpu', seconds), await stepSide(run, 'wasm', seconds)] });
  const rowsOfViews = software ? 64 : 2048;
  add({ what: `NT-Xent and its gradient, ${rowsOfViews} × 128, on the GPU`, sides: await kernelSides(rowsOfViews) });
}

async function viewSides({ parts, bank }: OpenRun, seconds: number): Promise<readonly MeasuredSide[]> {
  try {
    await openBackend('webgpu', 'mlp');
    const { gpu, cpu } = await measureViews(parts.views, bank.images.slice(0, batch), { seconds });
    return [
      { name: 'GPU', rate: gpu },
      { name: 'one CPU thread', rate: cpu },
    ];
  } catch (error) {
    return [missing('GPU', error)];
  }
}

/** The median step of a training that is thrown away. */
async function stepSide(run: OpenRun, name: 'webgpu' | 'wasm', seconds: number): Promise<MeasuredSide> {
  const batches = batchesOf(run);
  try {
    const { session } = await openBackend(name, run.settings.encoder);
    const times: number[] = [];
    let until = Number.POSITIVE_INFINITY;
    for await (const event of pretrain({ ...optionsOf(run, batches), session })) {
      if (event.type !== 'step') continue;
      if (event.step === 1) until = performance.now() + 1000 * seconds;
      else times.push((1000 * batches.batchSize) / event.samplesPerSecond);
      if (times.length > 0 && performance.now() >= until) break;
    }
    return { name, milliseconds: median(times) };
  } catch (error) {
    return missing(name, error);
  } finally {
    await batches.dispose();
  }
}

async function kernelSides(rows: number): Promise<readonly MeasuredSide[]> {
  try {
    const session = await webgpu().open();
    const { fused, composed } = await measureKernels(session, contrast(rows / 2), { rounds: 3 });
    return [
      { name: 'fused', milliseconds: fused.ms },
      { name: 'of tfjs ops', milliseconds: composed?.ms ?? Number.NaN },
    ];
  } catch (error) {
    return [missing('fused', error)];
  }
}

function contrast(pairs: number): () => Promise<void> {
  const noise = (name: string) => {
    const { normal } = randomStream([name]);
    return Float32Array.from({ length: pairs * 128 }, normal);
  };
  const [z0, z1] = [noise('z0'), noise('z1')];
  return async () => {
    const value = tf.tidy(() => {
      const views = [tf.tensor2d(z0, [pairs, 128]), tf.tensor2d(z1, [pairs, 128])];
      const matrix = (view: tf.Tensor | undefined) => tf.reshape<tf.Rank.R2>(view ?? 0, [pairs, 128]);
      return tf.valueAndGrads((...both: tf.Tensor[]) => ntXentLoss(matrix(both[0]), matrix(both[1])))(views).value;
    });
    await value.data(); // after all before it
    value.dispose();
  };
}

function missing(name: string, error: unknown): MeasuredSide {
  const { message } = failureOf(error);
  return { name, why: message };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
