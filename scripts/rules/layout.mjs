const required = ['README.md', 'CHANGELOG.md', 'package.json', 'tsconfig.json', 'tsup.config.ts', 'src/index.ts'];
/** Figures of a package that is about speed. */
const optional = ['PERFORMANCE.md'];
/** Code, reference values, benchmarks. */
const folders = ['src/', 'golden/', 'bench/'];
const vague = /(^|\/)(utils?|helpers?|common|shared|misc|types)(\/|(\.test)?\.ts$)/;

/**
 * The package skeleton: which files a package has, where they stand and what its README holds.
 * @param {string} name the package's folder
 * @param {readonly string[]} files relative to the package
 * @param {(path: string) => string} read
 * @returns {string[]} findings
 */
export function checkLayout(name, files, read) {
  /** @param {string} path @param {string} text */
  const finding = (path, text) => `packages/${name}/${path}: ${text}`;
  const missing = required.filter((path) => !files.includes(path));
  if (missing.length > 0) return missing.map((path) => finding(path, 'is missing.'));
  return [
    ...files.filter((path) => !isPlaced(name, path)).map((path) => finding(path, 'has no place in the skeleton.')),
    ...files.filter((path) => path.split('/').length > 3).map((path) => finding(path, 'lies too deep under src/.')),
    ...files.filter((path) => vague.test(path)).map((path) => finding(path, 'is named after no idea.')),
    ...checkReadme(name, read('README.md')).map((text) => finding('README.md', text)),
    ...(read('CHANGELOG.md').startsWith(`# @unlabel/${name}\n`) ? [] : [finding('CHANGELOG.md', 'lacks its heading.')]),
    ...(pinsExports(files, read) ? [] : [finding('src', 'has no test that pins the sorted list of exports.')]),
  ];
}

/** Whether a file may stand where it stands. @param {string} name @param {string} path */
function isPlaced(name, path) {
  const folder = path.slice(0, path.indexOf('/') + 1);
  return (
    [...required, ...optional].includes(path) ||
    folders.includes(folder) ||
    (name.startsWith('dataset-') && folder === 'data/')
  );
}

/** @param {string} name @param {string} readme @returns {string[]} */
function checkReadme(name, readme) {
  const install = new RegExp(`npm install .*@unlabel/${name}\\b`);
  return [
    ...(readme.startsWith(`# @unlabel/${name}\n`) ? [] : ['does not begin with the name of the package.']),
    ...(install.test(readme) ? [] : ['does not say how to install it.']),
    ...(name === 'cli' || readme.includes('\n```ts\n') ? [] : ['has no ```ts snippet.']),
  ];
}

/** @param {readonly string[]} files @param {(path: string) => string} read */
function pinsExports(files, read) {
  const tests = files.filter((path) => /^src\/[^/]+\.test\.ts$/.test(path)).map(read);
  return tests.some((test) => /from '\.\/index'|import\('\.\/index'\)/.test(test) && test.includes('Object.keys('));
}
