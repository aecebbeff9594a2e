import { defineConfig } from 'tsup';
import { build } from '../../tsup.base';

export default defineConfig(build(['src/index.ts']));
