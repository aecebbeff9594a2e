import type { ImageSample, Modality } from './dataset';
import type { TensorSpec, TensorSpecs } from './hostTensor';
import type { ImagePlan } from './imagePlan';
import type { RandomStream } from './random';

/** Where a worker thread finds the code that rebuilds a pipeline: it imports `module` and calls `factory(options)`. */
export interface PortableReference {
  /** File URL or package specifier of an ES module. */ readonly module: string;
  /** The name of its exported function. */ readonly factory: string;
  /** Structured-cloneable. */ readonly options: unknown;
}

/** Room for what a pipeline makes of one sample: an array for each of its outputs, of that output's size. */
export type ViewTargets = Readonly<Record<string, Float32Array | Int32Array>>;

/**
 * Turns one sample into several augmented views. Parameters are drawn first, from a stream that belongs to (seed, epoch,
 * sample), and executed afterwards, here, in a worker or on a GPU, with the same values.
 */
export interface ViewPipeline<Parameters = unknown, Sample = ImageSample> {
  /** What its samples are (default `'image'`). */ readonly modality?: Modality;
  /**
   * What becomes of one sample, without the batch axis: `views/0`, `views/1`, … in this order (images are
   * `[height, width, channels]`), and whatever else an objective is told of them, such as `locations/0`.
   */
  readonly outputs: TensorSpecs;
  /** Draws everything random about all views of one sample. The result is structured-cloneable and printable. */
  draw(random: RandomStream, source: Sample): Parameters;
  /** Writes every output of one sample (row-major; images as float32, normalised). */
  render(sample: Sample, parameters: Parameters, targets: ViewTargets): void;
  /** How to rebuild it in a worker thread; a pipeline without one runs on the main thread. */ readonly portable?: PortableReference;
  /** The same as `render`, as data, for executors on other devices; of image views only. */ readonly plan?: ImagePlan<Parameters>;
}

/** The specs of `views/0`, `views/1`, …, in order, without what else a pipeline makes. */
export function viewSpecs({ outputs }: Pick<ViewPipeline, 'outputs'>): readonly TensorSpec[] {
  const specs: TensorSpec[] = [];
  for (let spec = outputs['views/0']; spec; spec = outputs[`views/${specs.length}`]) specs.push(spec);
  return specs;
}
