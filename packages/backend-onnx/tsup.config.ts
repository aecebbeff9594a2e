import { defineConfig } from 'tsup';
import { build } from '../../tsup.base';

// Whoever bundles or runs the package chooses one of the hosts, by the name `#host`.
const entries = {
  index: 'src/index.ts',
  nodeHost: 'src/runtime/nodeHost.ts',
  browserHost: 'src/runtime/browserHost.ts',
};

// The thread that runs steps takes the few functions of core that it needs along, from core's sources: importing the
// whole of core would cost it half a second and 40 MB.
export default defineConfig([
  build(entries, { clean: ['!engineWorker*'], external: ['#host'] }),
  build(['src/worker/engineWorker.ts'], {
    clean: false,
    dts: false,
    splitting: false,
    noExternal: ['@unlabel/core'],
    esbuildOptions: (esbuild) => {
      esbuild.conditions = ['@unlabel/source'];
    },
  }),
]);
