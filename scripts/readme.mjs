import { readFileSync } from 'node:fs';

/**
 * The first ```ts block of a README.
 * @param {string} path
 */
export function firstSnippet(path) {
  const snippet = readFileSync(path, 'utf8').match(/^```ts\n(.*?)^```$/ms)?.[1];
  if (snippet === undefined) throw new Error(`${path} has no \`\`\`ts block.`);
  return snippet;
}
