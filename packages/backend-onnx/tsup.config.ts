import { defineConfig } from 'tsup';
import { build } from '../../tsup.base';

// Whoever bundles or runs the package chooses one of the hosts, by the name `#host`.
const entries = {
  index: 'src/index.ts',
  nodeHost: 'src/runtime/nodeHost.ts',
  browserHost: 'src/runtime/browserHost.ts',
};

export default defineConfig(build(entries, { external: ['#host'] }));
