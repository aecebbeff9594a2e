import { defineConfig } from 'tsup';
import { build } from '../../tsup.base';

// Node cannot load tfjs's gradient files (imports without extensions): they are bundled, tfjs itself is not.
export default defineConfig(build(['src/index.ts'], { noExternal: [/tfjs-core\/dist\/register_all_gradients/] }));
