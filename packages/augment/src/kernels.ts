import type { FloatImage } from './transform';
import { blurWasm } from './wasm/blurWasm';
import { colourWasm } from './wasm/colourWasm';
import { resampleWasm } from './wasm/resampleWasm';

/** What the kernels export: their arguments are counts, and addresses in bytes; the sources in wasm/ describe each. */
interface Functions {
  resample(...placesAndSizes: readonly number[]): void;
  adjust(at: number, count: number, factor: number, shift: number): void;
  mean(at: number, count: number): number;
  toLuma(at: number, pixels: number, into: number): void;
  saturate(at: number, pixels: number, factor: number): void;
  turnHue(at: number, pixels: number, sixths: number): void;
  solarize(at: number, count: number, threshold: number): void;
  normalise(at: number, count: number, into: number, scale: number, shift: number): void;
  interleave(at: number, pixels: number, into: number, statistics: number): void;
  blur(at: number, height: number, width: number, kernel: number, reach: number, padded: number, line: number): void;
}

/** The kernels of this thread, and the memory in which they work. */
export interface Kernels extends Functions {
  /** All of the memory, until it grows: a float's place is a fourth of its address. */ floats(): Float32Array<ArrayBuffer>;
  /** The same as whole numbers. */ integers(): Int32Array<ArrayBuffer>;
  /** The same as bytes. */ bytes(): Uint8Array<ArrayBuffer>;
  /** Makes sure of memory up to an address; what views of it there were may be of no use afterwards. */
  reserve(end: number): void;
}

/** An image in the kernels' memory, and where free memory begins: room for `workspace` of it. */
export interface Placed {
  readonly at: number;
  readonly scratch: number;
}

const page = 65536;
let shared: (Kernels & { readonly memory: WebAssembly.Memory }) | undefined;
/** The pipeline's image that is being rendered, and where memory begins that it leaves alone. */
let current = { scratch: 0, end: 0 };
/** The last one, which views of the same size share. */
let placed: (FloatImage & Placed) | undefined;

/** The kernels, compiled at the first call in each thread: modules below 4 KB, which a page may compile at once. */
export function kernels(): Kernels {
  shared ??= compileKernels();
  return shared;
}

function compileKernels(): Kernels & { readonly memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const compiled = [resampleWasm, colourWasm, blurWasm].map((base64) => {
    const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  });
  const functions = Object.assign({}, ...compiled) as Functions; // what assemble.mjs compiled
  let views = viewsOf(memory);
  const current = () => {
    if (views.bytes.length === 0) views = viewsOf(memory); // the memory has grown
    return views;
  };
  return {
    ...functions,
    memory,
    floats: () => current().floats,
    integers: () => current().integers,
    bytes: () => current().bytes,
    reserve: (end) => {
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / page));
    },
  };
}

function viewsOf({ buffer }: WebAssembly.Memory) {
  return { floats: new Float32Array(buffer), integers: new Int32Array(buffer), bytes: new Uint8Array(buffer) };
}

/** Bytes of `count` floats and the room behind them that kernels may touch, a multiple of 16. */
export function roomFor(count: number): number {
  return 64 + 16 * Math.ceil(count / 4);
}

/** Bytes that a transform may use beside the image: a mirrored copy of it, and a mirrored line. */
function workspace({ height, width }: Pick<FloatImage, 'height' | 'width'>): number {
  return roomFor(3 * height * width) + roomFor(3 * width) + roomFor(height + width);
}

/**
 * Puts a pipeline's image at the beginning of the memory. It stays there until the next one is put there; one of the same
 * size is the same object.
 */
export function placeImage(height: number, width: number, channels: 1 | 3): FloatImage & Placed {
  const { reserve, floats } = kernels();
  const length = height * width * channels;
  const scratch = roomFor(length);
  current = { scratch, end: scratch + workspace({ height, width }) };
  reserve(2 * current.end); // a transform may run others on images of its own
  if (placed?.height === height && placed.width === width && placed.channels === channels) return placed;
  let data = floats().subarray(0, length);
  placed = {
    height,
    width,
    channels,
    at: 0,
    scratch,
    get data() {
      if (data.length === 0) data = floats().subarray(0, length); // the memory has grown
      return data;
    },
  };
  return placed;
}

/** Runs kernels on an image: where it lies, if that is in their memory, else on a copy that is written back. */
export function withKernels(image: FloatImage, run: (kernels: Kernels, place: Placed) => void): void {
  const all = kernels();
  const { data } = image;
  if (data.buffer === shared?.memory.buffer) {
    run(all, { at: data.byteOffset, scratch: current.scratch });
    return;
  }
  const at = current.end;
  const scratch = at + roomFor(data.length);
  all.reserve(scratch + workspace(image));
  all.floats().set(data, at / 4);
  run(all, { at, scratch });
  data.set(all.floats().subarray(at / 4, at / 4 + data.length));
}
