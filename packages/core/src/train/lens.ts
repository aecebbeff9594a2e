import { type Embedder, residentEmbedder } from './embedder';
import { type Projections, type Projector, residentProjector } from './projector';
import type { PretrainOptions, Run } from './run';

/** What callbacks see held-out samples through: the networks of a run as they are at the moment. */
export interface Lens {
  /** Features `[count, outputDim]`; the same array, unchanged, costs nothing again before the next update. */
  embed(inputs: Float32Array, count: number): Promise<Float32Array>;
  project(inputs: Float32Array, count: number): Promise<Projections>;
  dispose(): void;
}

/** Features that were computed, and after how many updates. */
interface Seen {
  readonly step: number;
  readonly features: Float32Array;
}

/** A lens that compiles what it needs when it is first looked through. @param step updates so far */
export function openLens({ session, encoder, batches }: PretrainOptions, run: Run, step: () => number): Lens {
  const { state, objective, evaluated } = run;
  const { schedules } = run.plan;
  let embedder: Embedder | undefined;
  let projector: Projector | undefined;
  const seen = new WeakMap<Float32Array, Seen>();
  return {
    embed: async (inputs, count) => {
      const known = seen.get(inputs);
      if (known?.step === step() && known.features.length === count * encoder.outputDim) return known.features.slice();
      embedder ??= await residentEmbedder(session, encoder, state, evaluated);
      const features = await embedder.embed(inputs, count);
      seen.set(inputs, { step: step(), features: features.slice() });
      return features;
    },
    project: async (inputs, count) => {
      projector ??= await residentProjector(session, { objective, encoder, batches, schedules }, state, step);
      return projector.project(inputs, count);
    },
    dispose: () => {
      embedder?.dispose();
      projector?.dispose();
    },
  };
}
