import { checkGoldenOn, type GoldenReport, goldenMappingsOf, parseGolden } from '@unlabel/testkit';
import { webgpu } from './webgpu';

/** What to compare in a page. */
export interface GoldenTask {
  /** Contents of the golden files. */ readonly files: readonly string[];
  /** Modules of the packages: `['core', 'masks']` for what is in `packages/core/src/masks.golden.ts`. */
  readonly modules: readonly (readonly [name: string, module: string])[];
}

export async function run({ files, modules }: GoldenTask): Promise<readonly GoldenReport[]> {
  const imported = modules.map(
    // esbuild bundles all that fit: /packages/<name>/src/<module>.golden.ts
    ([name, module]): Promise<Record<string, unknown>> => import(`../../${name}/src/${module}.golden.ts`),
  );
  const mappings = (await Promise.all(imported)).flatMap(goldenMappingsOf);
  const session = await webgpu().open();
  const reports: GoldenReport[] = [];
  for (const file of files) reports.push(await checkGoldenOn(session, parseGolden(file), mappings));
  return reports;
}
