import { env } from 'onnxruntime-web/wasm';
import { openEncoder } from './embedInPage';

/** An image as numbers, to be embedded in a page. */
export interface PageImage {
  /** Where the encoder is served. */ readonly model: string;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity, 0 … 255, row-major. */ readonly rgba: readonly number[];
}

export async function run({ model, width, height, rgba }: PageImage): Promise<readonly number[]> {
  env.wasm.wasmPaths = '/onnxruntime/';
  const embed = await openEncoder(model);
  return embed(await createImageBitmap(new ImageData(Uint8ClampedArray.from(rgba), width, height)));
}
