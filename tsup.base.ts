import type { Options } from 'tsup';

/** What every package's build shares: ESM only, source maps. Types are built apart, by `tsup.types.ts`. */
export function build(entry: Options['entry'], options: Options = {}): Options {
  return {
    entry: entry ?? ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    removeNodeProtocol: false, // bundlers tell Node's modules by it
    sourcemap: true,
    ...options,
    clean: options.clean !== false && ['!**/*.d.ts', ...(Array.isArray(options.clean) ? options.clean : [])],
  };
}
