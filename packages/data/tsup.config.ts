import { defineConfig } from 'tsup';
import { build } from '../../tsup.base';

// A worker thread takes the few functions of core that it needs along, from core's sources: importing the whole of core
// would cost each thread half a second and 40 MB.
export default defineConfig([
  build(['src/index.ts'], { clean: ['!viewWorker*'] }),
  build(['src/viewWorker.ts'], {
    clean: false,
    dts: false,
    splitting: false,
    noExternal: ['@unlabel/core'],
    esbuildOptions: (esbuild) => {
      esbuild.conditions = ['@unlabel/source'];
    },
  }),
]);
