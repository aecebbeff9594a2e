import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** One project a package. Tests see the packages' sources, through the `@unlabel/source` export condition. */
const packages = readdirSync(new URL('packages', import.meta.url));

export default defineConfig({
  ssr: { resolve: { conditions: ['@unlabel/source', 'node', 'import', 'default'] } },
  test: {
    projects: packages.map((name) => ({
      extends: true,
      test: {
        name,
        root: `packages/${name}`,
        include: ['src/**/*.test.ts'],
        typecheck: { enabled: true, include: ['src/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        server: { deps: { inline: [/@unlabel\//] } },
        deps: {
          // tfjs's gradient files import without extensions, which Node refuses: esbuild bundles them first.
          optimizer: { ssr: { enabled: true, include: ['@tensorflow/tfjs-core/dist/register_all_gradients.js'] } },
        },
        testTimeout: 60_000,
      },
    })),
  },
});
