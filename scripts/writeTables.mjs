// Writes the tables of the READMEs, docs/errors.md and docs/methods.md, between `<!-- generated: … -->` and
// `<!-- /generated -->`, from the packages' manifests, the definitions in their plugins, core's error codes and the figures
// in bench/methods.json. With --check it changes nothing and fails when a table is out of date.
// Needs a build.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bestRows, methodRows } from './methodFigures.mjs';
import { root } from './process.mjs';

/** @typedef {import('../packages/core/src/index').Definition} Definition */
/** @typedef {{ definition: Definition, factory: string }} Row a definition and the exported function it loads, if any */
/** @typedef {{ folder: string, name: string, description: string, rows: readonly Row[] }} Package */

/** @type {Package[]} */
const packages = [];
for (const folder of readdirSync(`${root}packages`)) packages.push(await readPackage(folder));

const check = process.argv.includes('--check');
const stale = [
  write('README.md', { packages: packagesTable(packages), kinds: kindsTable(packages) }),
  write('docs/errors.md', { errors: errorsTable((await importBuilt('core')).errorCodes) }),
  write('docs/methods.md', methodTables(packages)),
  ...packages.map(({ folder, rows }) =>
    write(`packages/${folder}/README.md`, rows.length > 0 ? { definitions: definitionsTable(rows) } : {}),
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
  const exported = await importBuilt(folder);
  /** @type {readonly Definition[]} */
  const definitions = (exported.plugin ?? exported.corePlugin)?.definitions ?? [];
  const rows = definitions.map(async (definition) => {
    const { name: factory } = await definition.load();
    return { definition, factory: factory in exported ? `\`${factory}\`` : '' };
  });
  return { folder, name, description, rows: await Promise.all(rows) };
}

/** What a package exports. @param {string} folder */
async function importBuilt(folder) {
  const built = `${root}packages/${folder}/dist/index.js`;
  if (!existsSync(built)) throw new Error(`@unlabel/${folder} is not built. Run: npm run setup`);
  return import(pathToFileURL(built).href);
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
  const definitions = all.flatMap(({ rows }) => rows.map(({ definition }) => definition));
  const kinds = [...new Set(definitions.map((definition) => definition.kind))].sort();
  const namesOf = (/** @type {string} */ kind) =>
    definitions.filter((definition) => definition.kind === kind).map((definition) => `\`${definition.name}\``);
  return table(
    ['kind', 'names'],
    kinds.map((kind) => [kind, namesOf(kind).join(', ')]),
  );
}

/** @param {readonly Row[]} definitions */
function definitionsTable(definitions) {
  const rows = definitions.map(({ factory, definition: { kind, name, summary, options, paper, golden, traits } }) => [
    kind,
    `\`${name}\``,
    factory,
    summary,
    optionList(options.toJSONSchema({ io: 'input', unrepresentable: 'any' }).properties ?? {}),
    paper ? `[${paper.citation}](${paper.url})` : '',
    traits?.memory ?? '',
    traits ? (traits.capture ? 'yes' : 'no') : '',
    (golden ?? []).map((file) => `\`${file.replace(/\.json$/, '')}\``).join(', '),
  ]);
  const heads = ['kind', 'name', 'function', 'what it is', 'options and defaults', 'paper'];
  return table([...heads, 'holds in memory', 'captured', 'reference values'], rows);
}

/** @param {readonly Package[]} all */
function methodTables(all) {
  /** @type {import('./methodFigures.mjs').MethodFigures[]} */
  const figures = JSON.parse(readFileSync(`${root}bench/methods.json`, 'utf8'));
  const methods = all.flatMap(({ folder, rows }) =>
    rows
      .filter(({ definition }) => definition.kind === 'objective')
      .map(({ definition, factory }) => ({ definition, source: sourceOf(folder, factory) })),
  );
  const [every, best] = [methodRows(methods, figures), bestRows(methods, figures)];
  return { methods: table(every.heads, every.rows), best: table(best.heads, best.rows) };
}

/** The file that exports a function, relative to the root. @param {string} folder @param {string} factory in backticks */
function sourceOf(folder, factory) {
  const path = `packages/${folder}/src`;
  const line = `export function ${factory.replaceAll('`', '')}(`;
  const files = readdirSync(root + path).filter((name) => name.endsWith('.ts'));
  return `${path}/${files.find((name) => readFileSync(`${root}${path}/${name}`, 'utf8').includes(line)) ?? ''}`;
}

/** @param {Record<string, import('../packages/core/src/index').ErrorCodeMeaning>} codes */
function errorsTable(codes) {
  const rows = Object.entries(codes).map(([code, { what, fix }]) => [`\`${code}\``, what, fix]);
  return table(['code', 'what happened', 'what to do'], rows);
}

/** Options by name, with the defaults that fit a table. @param {Record<string, unknown>} properties of a JSON Schema */
function optionList(properties) {
  const cells = Object.entries(properties).map(([name, schema]) => {
    const given = typeof schema === 'object' && schema !== null && 'default' in schema;
    const value = given ? JSON.stringify(schema.default) : '';
    return value !== '' && value !== '{}' && value.length <= 20 ? `\`${name}\` ${value}` : `\`${name}\``;
  });
  return cells.join(', ');
}

/**
 * A Markdown table without the columns that no row fills.
 * @param {readonly string[]} heads
 * @param {readonly (readonly string[])[]} rows
 */
function table(heads, rows) {
  const used = heads.map((_, column) => rows.some((row) => row[column] !== ''));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells
      .filter((_, column) => used[column])
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
