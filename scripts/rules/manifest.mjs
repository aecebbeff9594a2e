import { isDeepStrictEqual } from 'node:util';

/**
 * @typedef {object} Manifest what the rules read of a package.json
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, unknown>} [imports] names of the package's own that conditions decide, such as `#host`
 * @property {unknown} [name]
 * @property {readonly string[]} files
 * @property {Record<string, unknown>} exports
 */

const fixed = {
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.11' },
};
const entry = { '@unlabel/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' };
const shipped = ['dist', 'src', '!src/**/*.test.ts', '!src/**/*.test-d.ts', '!src/**/*.golden.ts'];

/**
 * The fields that all packages share, and which of our packages each may depend on.
 * @param {string} name the package's folder
 * @param {Manifest & Record<string, unknown>} manifest
 * @returns {string[]} findings
 */
export function checkManifest(name, manifest) {
  const wrong = Object.entries(fixed).filter(([key, value]) => !isDeepStrictEqual(manifest[key], value));
  const absent = ['version', 'description'].filter((key) => !manifest[key]);
  return [
    ...(manifest.name === `@unlabel/${name}` ? [] : [`name is not @unlabel/${name}.`]),
    ...wrong.map(([key, value]) => `${key} is not ${JSON.stringify(value)}.`),
    ...absent.map((key) => `${key} is missing.`),
    ...(isDeepStrictEqual(manifest.exports['.'], entry) ? [] : [`exports["."] is not ${JSON.stringify(entry)}.`]),
    ...shipped.filter((glob) => !manifest.files.includes(glob)).map((glob) => `files lacks ${glob}.`),
    ...ours(manifest.dependencies)
      .filter((other) => !mayUse(name, other))
      .map((other) => `depends on ${other}: imports point from every package to core, and from cli to all.`),
    ...ours(manifest.devDependencies)
      .filter((other) => other === 'cli' || (isLosses(name) && isLosses(other)))
      .map((other) => `tests with ${other}: nothing uses cli, and loss packages do not use one another.`),
  ].map((text) => `packages/${name}/package.json: ${text}`);
}

/** Our packages among dependencies, by folder. @param {Record<string, string>} [dependencies] */
function ours(dependencies = {}) {
  return Object.keys(dependencies)
    .filter((dependency) => dependency.startsWith('@unlabel/'))
    .map((dependency) => dependency.slice('@unlabel/'.length));
}

/** @param {string} name @param {string} other */
function mayUse(name, other) {
  if (name === 'core' || name.startsWith('dataset-')) return false;
  if (name === 'cli') return true;
  return other === 'core' || (name === 'data' && other.startsWith('dataset-'));
}

/** @param {string} name */
function isLosses(name) {
  return name.startsWith('losses-') || name === 'jepa';
}
