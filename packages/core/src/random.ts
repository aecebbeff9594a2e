import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What addresses a stream: the run's seed, then whatever tells this use from others (a name, an epoch, a step). */
export type RandomKey = readonly (number | string)[];

/** A reproducible stream of random numbers; same key, same numbers, on every machine. */
export interface RandomStream {
  /** Uniform in [low, high), default [0, 1), with 32 bits of resolution. */
  uniform(low?: number, high?: number): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
  /** Uniform integer in [0, below), `1 <= below <= 2³²`. */
  integer(below: number): number;
  /** A uniformly random order of 0 … length − 1. */
  permutation(length: number): Int32Array;
}

/**
 * Opens the stream that belongs to a key. Streams are addressed, not shared: nothing has to be saved to resume a run,
 * and adding a use of randomness does not disturb the others.
 */
export function randomStream(key: RandomKey): RandomStream {
  const generator = xoroshiro128plus(hashKey(key));
  let spare: number | undefined;
  const uniform = (low = 0, high = 1) => low + ((generator.next() >>> 0) / 0x1_0000_0000) * (high - low);
  const integer = (below: number) => Math.floor(uniform() * below);
  const normal = () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())); // Box–Muller gives two at a time
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const permutation = (length: number) => {
    const order = new Int32Array(length);
    for (let index = 0; index < length; index++) order[index] = index;
    for (let last = length - 1; last > 0; last--) {
      const other = integer(last + 1);
      const held = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = held;
    }
    return order;
  };
  return { uniform, normal, integer, permutation };
}

/** FNV-1a over the key's parts, finished with a 32-bit avalanche so that neighbouring steps are unrelated. */
function hashKey(key: RandomKey): number {
  let hash = 0x811c9dc5;
  for (const character of key.map((part) => `${typeof part}:${part}`).join('\u0000')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
