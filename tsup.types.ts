import { defineConfig } from 'tsup';

/** Every package's type declarations, bundled into one file. The code is built apart: running it needs no types. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm'],
  clean: false,
  dts: { only: true, compilerOptions: { ignoreDeprecations: '6.0', customConditions: [] } },
});
