import type { ImageSample } from './dataset';
import type { RandomStream } from './random';

/** Where a worker thread finds the code that rebuilds a pipeline: it imports `module` and calls `factory(options)`. */
export interface PortableReference {
  /** File URL or package specifier of an ES module. */ readonly module: string;
  /** The name of its exported function. */ readonly factory: string;
  /** Structured-cloneable. */ readonly options: unknown;
}

/**
 * Turns one image into several augmented views. Parameters are drawn first, from a stream that belongs to (seed, epoch,
 * sample), and executed afterwards, here, in a worker or on a GPU, with the same pixels.
 */
export interface ViewPipeline<Parameters = unknown> {
  /** The shape `[height, width, channels]` of each view. */ readonly shapes: readonly (readonly [
    number,
    number,
    number,
  ])[];
  /** Draws everything random about all views of one image. The result is structured-cloneable and printable. */
  draw(random: RandomStream, source: Pick<ImageSample, 'height' | 'width' | 'channels'>): Parameters;
  /** Writes view `view` of `image` into `target` (float32, row-major, normalised). */
  render(image: ImageSample, parameters: Parameters, view: number, target: Float32Array): void;
  /** How to rebuild it in a worker thread; a pipeline without one runs on the main thread. */ readonly portable?: PortableReference;
}
