import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { softwareGpu } from './scripts/softwareGpu.mjs';

const root = new URL('packages/', import.meta.url);

// Node refuses tfjs's gradient files (imports without extensions): esbuild bundles them once, and the bundle is cached.
const gradients = '@tensorflow/tfjs-core/dist/register_all_gradients.js';

/** How a package names the gradient files: only core depends on tfjs, the others reach it through core. */
function bundled(name: string): string[] {
  if (name === 'core') return [gradients];
  const usesCore = readFileSync(new URL(`${name}/package.json`, root), 'utf8').includes('"@unlabel/core"');
  return usesCore ? [`@unlabel/core > ${gradients}`] : [];
}

/** Packages whose tests change what a process has once: tfjs's kernels and gradients, a device, the working folder. */
const isolated = ['core', 'backend-node', 'backend-webgpu', 'cli'];

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
      isolate: isolated.includes(name), // else files share what they import, which takes as long as the tests
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

/** Begins with the file that takes as long as a third of the others: at the end it would run alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('/cli/src/learning.test.ts');
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  ssr: { resolve: { conditions: ['@unlabel/source', 'node', 'import', 'default'] } },
  test: {
    silent: 'passed-only',
    sequence: { sequencer: LongestFirst },
    maxWorkers: '100%', // the default leaves one processor idle, half of a small machine
    projects: [
      { extends: true, test: { name: 'workspace', include: ['scripts/**/*.test.ts'], testTimeout: 90_000 } },
      ...readdirSync(root).map(packageProject),
      appProject('playground'),
    ],
  },
});
