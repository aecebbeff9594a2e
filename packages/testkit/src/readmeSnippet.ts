/**
 * The first ```ts block of a README: the one that must run as it stands.
 * @param readme path or file URL
 */
export async function readmeSnippet(readme: string | URL): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const [, snippet] = /^```ts\n(.*?)^```$/ms.exec(await readFile(readme, 'utf8')) ?? [];
  if (snippet === undefined) throw new Error(`${readme} has no \`\`\`ts block.`);
  return snippet;
}

/**
 * Runs a snippet as a module of a package, with the package's own dependencies, and removes it again. Works under test
 * runners that import TypeScript, and in Node from 22.18 on.
 * @param source TypeScript; top-level await and imports allowed
 * @param folder where the module stands while it runs: the package's `src`
 * @returns what the snippet printed with `console.log`, a line each
 */
export async function runSnippet(source: string, folder: string): Promise<readonly string[]> {
  const [{ rm, writeFile }, { join }, { randomUUID }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('node:crypto'),
  ]);
  const path = join(folder, `.snippet-${randomUUID()}.ts`);
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => lines.push(values.map(String).join(' '));
  try {
    await writeFile(path, source);
    await import(/* @vite-ignore */ path);
    return lines;
  } finally {
    console.log = log;
    await rm(path, { force: true });
  }
}
