import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const root = new URL('packages/', import.meta.url);

// Node refuses tfjs's gradient files (imports without extensions): esbuild bundles them once, and the bundle is cached.
const gradients = '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/** How a package names the gradient files: only core depends on tfjs, the others reach it through core. */
function bundled(name: string): string[] {
  if (name === 'core') return [gradients];
  const usesCore = readFileSync(new URL(`${name}/package.json`, root), 'utf8').includes('"@unlabel/core"');
  return usesCore ? [`@unlabel/core > ${gradients}`] : [];
}

/** Environment in which WebGPU finds the software GPU that comes with Chromium, in its folder or in Debian's. */
function softwareGpu(): Record<string, string> {
  const { PATH = '', LD_LIBRARY_PATH = '', UNLABEL_CHROMIUM } = process.env;
  const browsers = ['chromium', 'chromium-browser', 'google-chrome'];
  const onPath = PATH.split(delimiter).flatMap((folder) => browsers.map((name) => join(folder, name)));
  const found = [UNLABEL_CHROMIUM ?? '', ...onPath].filter((path) => path !== '' && existsSync(path));
  const folders = [
    ...found.map((path) => dirname(realpathSync(path))),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
  ];
  const folder = folders.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (folder === undefined) return {};
  const libraries = [LD_LIBRARY_PATH, folder].filter(Boolean).join(delimiter);
  return { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: libraries };
}

/** A package's tests and type tests. They see the packages' sources, through the `@unlabel/source` export condition. */
function packageProject(name: string): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      root: `packages/${name}`,
      include: ['src/**/*.test.ts'],
      typecheck: { enabled: true, include: ['src/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
      server: { deps: { inline: [/@unlabel\//] } },
      deps: { optimizer: { ssr: { enabled: true, include: bundled(name) } } },
      testTimeout: 60_000,
      ...(name === 'backend-webgpu' && { env: softwareGpu() }),
    },
  };
}

/** An app's tests. What it bundles, it bundles itself. */
function appProject(name: string): TestProjectInlineConfiguration {
  const root = `apps/${name}`;
  const { test } = packageProject('cli');
  return { extends: true, test: { ...test, name, root, include: ['src/**/*.test.ts'], testTimeout: 180_000 } };
}

export default defineConfig({
  ssr: { resolve: { conditions: ['@unlabel/source', 'node', 'import', 'default'] } },
  test: {
    silent: 'passed-only',
    maxWorkers: '100%', // the default leaves one processor idle, half of a small machine
    projects: [
      { extends: true, test: { name: 'workspace', include: ['scripts/**/*.test.ts'], testTimeout: 90_000 } },
      ...readdirSync(root).map(packageProject),
      appProject('playground'),
    ],
  },
});
