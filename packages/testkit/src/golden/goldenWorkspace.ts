import type { GoldenFile } from './goldenFile';
import { readGoldenFolder } from './goldenFile';
import type { GoldenMapping } from './goldenMapping';

/** Reference values, and the mappings for them. */
export interface GoldenWorkspace {
  readonly files: readonly GoldenFile[];
  readonly mappings: readonly GoldenMapping[];
}

/**
 * All there is to compare in a workspace: the golden files of the folder that `UNLABEL_GOLDEN_DIR` names, or else every
 * package's own, and whatever the packages' `*.golden.ts` files export. For test runners that import TypeScript.
 * @param packages the folder of the packages
 */
export async function readGoldenWorkspace(packages: string): Promise<GoldenWorkspace> {
  const [files, mappings] = await Promise.all([goldenFiles(packages), goldenMappings(packages)]);
  return { files, mappings };
}

async function goldenFiles(packages: string): Promise<readonly GoldenFile[]> {
  const { resolve } = await import('node:path');
  const { UNLABEL_GOLDEN_DIR: chosen, INIT_CWD: from = process.cwd() } = process.env;
  if (chosen) return readGoldenFolder(resolve(from, chosen));
  return (await Promise.all((await foldersCalled('golden', packages)).map(readGoldenFolder))).flat();
}

async function goldenMappings(packages: string): Promise<readonly GoldenMapping[]> {
  const [{ readdir }, { join }] = await Promise.all([import('node:fs/promises'), import('node:path')]);
  const paths = (await foldersCalled('src', packages)).map(async (folder) => {
    const names = await readdir(folder, { recursive: true });
    return names.filter((name) => name.endsWith('.golden.ts')).map((name) => join(folder, name));
  });
  const found = (await Promise.all(paths)).flat();
  const modules = await Promise.all(found.map((path): Promise<Record<string, unknown>> => import(path)));
  return modules.flatMap((module) => Object.values(module).flat().filter(isMapping));
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
