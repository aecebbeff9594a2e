import type { Options } from 'tsup';

/** What every package's build shares: ESM only, types, source maps. */
export function build(entry: Options['entry'], options: Options = {}): Options {
  return {
    entry: entry ?? ['src/index.ts'],
    format: ['esm'],
    target: 'node20',
    sourcemap: true,
    clean: true,
    dts: { compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
    ...options,
  };
}
