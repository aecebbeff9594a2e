import { defineConfig } from 'vite';
import { fashionMnistFiles } from './fashionMnistFiles';

// ONNX Runtime, 40 MB, runs exported files; writing them does not need it.
const rolldownOptions = { external: [/^onnxruntime-web/] };

// Packages are bundled from their sources, and all paths are relative: the page works in any folder of any static host.
export default defineConfig({
  base: './',
  plugins: [fashionMnistFiles()],
  resolve: { conditions: ['@unlabel/source', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    rolldownOptions,
  },
  worker: { format: 'es', rolldownOptions },
});
