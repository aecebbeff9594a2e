import { readFileSync } from 'node:fs';

/**
 * The ```ts blocks of a Markdown file, in order.
 * @param {string} path
 */
export function snippetsOf(path) {
  return [...readFileSync(path, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
}

/**
 * The first ```ts block of a Markdown file: the one that must run as it stands.
 * @param {string} path
 */
export function firstSnippet(path) {
  const [snippet] = snippetsOf(path);
  if (snippet === undefined) throw new Error(`${path} has no \`\`\`ts block.`);
  return snippet;
}
