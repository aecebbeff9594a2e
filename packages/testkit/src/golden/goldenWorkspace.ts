import { type GoldenFile, goldenFilesIn, readGolden } from './goldenFile';
import type { GoldenMapping } from './goldenMapping';

/** Reference values, and the mappings for them. */
export interface GoldenWorkspace {
  readonly files: readonly GoldenFile[];
  readonly mappings: readonly GoldenMapping[];
}

/** Where reference values and mappings for them are: absolute paths. */
export interface GoldenPaths {
  readonly files: readonly string[];
  readonly mappings: readonly string[];
}

/**
 * All there is to compare in a workspace: the golden files of the folder that `UNLABEL_GOLDEN_DIR` names, or else every
 * package's own, and whatever the packages' `*.golden.ts` files export. For test runners that import TypeScript.
 * @param packages the folder of the packages
 */
export async function readGoldenWorkspace(packages: string): Promise<GoldenWorkspace> {
  const paths = await findGoldenWorkspace(packages);
  const modules = paths.mappings.map((path): Promise<Record<string, unknown>> => import(path));
  return {
    files: await Promise.all(paths.files.map(readGolden)),
    mappings: (await Promise.all(modules)).flatMap(goldenMappingsOf),
  };
}

/** What {@link readGoldenWorkspace} reads. For pages, which cannot: they are given the files' texts and import the rest. */
export async function findGoldenWorkspace(packages: string): Promise<GoldenPaths> {
  const { resolve } = await import('node:path');
  const { UNLABEL_GOLDEN_DIR: chosen, INIT_CWD: from = process.cwd() } = process.env;
  const folders = chosen ? [resolve(from, chosen)] : await foldersCalled('golden', packages);
  const files = await Promise.all(folders.map(goldenFilesIn));
  const mappings = await Promise.all((await foldersCalled('src', packages)).map(goldenModulesIn));
  return { files: files.flat(), mappings: mappings.flat() };
}

/** The mappings, or lists of mappings, that a module exports. */
export function goldenMappingsOf(module: Readonly<Record<string, unknown>>): readonly GoldenMapping[] {
  return Object.values(module).flat().filter(isMapping);
}

async function goldenModulesIn(folder: string): Promise<readonly string[]> {
  const [{ readdir }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.endsWith('.golden.ts')).map((name) => join(folder, name));
}

/** Folders of that name, one in each package that has it. */
async function foldersCalled(name: string, packages: string): Promise<readonly string[]> {
  const [{ access, readdir }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const folders = (await readdir(packages)).map((folder) => join(packages, folder, name));
  const there = (folder: string) =>
    access(folder).then(
      () => [folder],
      () => [],
    );
  return (await Promise.all(folders.map(there))).flat();
}

function isMapping(value: unknown): value is GoldenMapping {
  return typeof value === 'object' && value !== null && 'matches' in value && 'run' in value;
}
