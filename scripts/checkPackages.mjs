// Checks what CONTRIBUTING.md asks of every package and a linter does not know: the skeleton, the manifest, who may
// import whom, and what must not stand in any file. Prints one line per finding; exit status 1 when there are any.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { root } from './process.mjs';
import { checkLayout } from './rules/layout.mjs';
import { checkManifest } from './rules/manifest.mjs';
import { checkSource } from './rules/source.mjs';
import { checkText } from './rules/text.mjs';

/** @param {string} path relative to the root */
const read = (path) => readFileSync(root + path, 'utf8');

/** Files that git tracks or would track, relative to the root. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(root + path));

const findings = files.flatMap((path) => checkText(path, read(path)));

const packages = new Set(files.map((path) => path.match(/^packages\/([^/]+)\//)?.[1] ?? '').filter(Boolean));
for (const name of packages) {
  const folder = `packages/${name}/`;
  const own = files.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length));
  const manifest = JSON.parse(read(`${folder}package.json`));
  const sources = own.filter((path) => /^src\/.*\.ts$/.test(path));
  findings.push(
    ...checkLayout(name, own, (path) => read(folder + path)),
    ...checkManifest(name, manifest),
    ...sources.flatMap((path) => checkSource(folder + path, read(folder + path), { name, manifest })),
  );
}

const apps = new Set(files.map((path) => path.match(/^apps\/([^/]+)\//)?.[1] ?? '').filter(Boolean));
for (const name of apps) {
  const manifest = JSON.parse(read(`apps/${name}/package.json`));
  const sources = files.filter((path) => path.startsWith(`apps/${name}/src/`) && /\.tsx?$/.test(path));
  findings.push(...sources.flatMap((path) => checkSource(path, read(path), { name, manifest })));
}

for (const finding of findings) console.error(finding);
console.error(
  `${packages.size} packages, ${apps.size} apps, ${files.length} files checked: ${findings.length || 'no'} findings.`,
);
process.exitCode = findings.length > 0 ? 1 : 0;
