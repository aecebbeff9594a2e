// Writes the tables of the READMEs, between `<!-- generated: … -->` and `<!-- /generated -->`, from the packages'
// manifests and the definitions in their plugins. With --check it changes nothing and fails when a table is out of date.
// Needs a build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './process.mjs';

/** @typedef {import('../packages/core/src/index').Definition} Definition */
/** @typedef {{ folder: string, name: string, description: string, definitions: readonly Definition[] }} Package */

/** @type {Package[]} */
const packages = [];
for (const folder of readdirSync(`${root}packages`)) packages.push(await readPackage(folder));

const check = process.argv.includes('--check');
const stale = [
  write('README.md', { packages: packagesTable(packages), kinds: kindsTable(packages) }),
  ...packages.map(({ folder, definitions }) =>
    write(`packages/${folder}/README.md`, definitions.length > 0 ? { definitions: definitionsTable(definitions) } : {}),
  ),
].flat();
for (const finding of stale) console.error(finding);
if (check && stale.length > 0) {
  console.error('`npm run tables` writes them.');
  process.exitCode = 1;
}

/** @param {string} folder @returns {Promise<Package>} */
async function readPackage(folder) {
  const { name, description } = JSON.parse(readFileSync(`${root}packages/${folder}/package.json`, 'utf8'));
  const built = `${root}packages/${folder}/dist/index.js`;
  if (!existsSync(built)) throw new Error(`${name} is not built. Run: npm run setup`);
  const { plugin, corePlugin } = await import(pathToFileURL(built).href); // core has `Plugin` and `definePlugin` too
  return { folder, name, description, definitions: (plugin ?? corePlugin)?.definitions ?? [] };
}

/**
 * Puts tables between their markers.
 * @param {string} path relative to the root
 * @param {Record<string, string>} tables by the name in their marker
 * @returns {string[]} what was missing or out of date
 */
function write(path, tables) {
  const before = readFileSync(root + path, 'utf8');
  const findings = Object.keys(tables)
    .filter((name) => !before.includes(`<!-- generated: ${name} -->`))
    .map((name) => `${path}: has no place for the table; add <!-- generated: ${name} --> and <!-- /generated -->.`);
  const after = before.replace(
    /<!-- generated: (\w+) -->.*?<!-- \/generated -->/gs,
    (_, name) => `<!-- generated: ${name} -->\n\n${tables[name] ?? ''}\n\n<!-- /generated -->`,
  );
  if (after === before) return findings;
  if (!check) writeFileSync(root + path, after);
  return [...findings, `${path}: tables ${check ? 'are out of date' : 'written'}.`];
}

/** @param {readonly Package[]} all */
function packagesTable(all) {
  const rows = all.map(({ folder, name, description }) => [`[${name}](packages/${folder})`, description]);
  return table(['package', 'what it is'], rows);
}

/** One row a kind: what a config may name. @param {readonly Package[]} all */
function kindsTable(all) {
  const definitions = all.flatMap((entry) => entry.definitions);
  const kinds = [...new Set(definitions.map((definition) => definition.kind))].sort();
  const namesOf = (/** @type {string} */ kind) =>
    definitions.filter((definition) => definition.kind === kind).map((definition) => `\`${definition.name}\``);
  return table(
    ['kind', 'names'],
    kinds.map((kind) => [kind, namesOf(kind).join(', ')]),
  );
}

/** @param {readonly Definition[]} definitions */
function definitionsTable(definitions) {
  const rows = definitions.map(({ kind, name, summary, paper, golden }) => [
    kind,
    `\`${name}\``,
    summary,
    paper ? `[${paper.citation}](${paper.url})` : '',
    (golden ?? []).map((file) => `\`${file}\``).join(', '),
  ]);
  const heads = ['kind', 'name', 'what it is', 'paper', 'reference values'];
  const used = heads.map((_, column) => column < 3 || rows.some((row) => row[column] !== ''));
  return table(heads, rows, used);
}

/**
 * A Markdown table of the columns that are in use.
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 * @param {readonly boolean[]} [used] default: all
 */
function table(heads, rows, used = heads.map(() => true)) {
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells
      .filter((_, column) => used[column])
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
