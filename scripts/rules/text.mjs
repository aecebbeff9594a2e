/** What must not stand in any committed file, and why. */
const forbidden = [
  { pattern: /\bTO[D]O\b/, why: 'unfinished work is an issue, not a comment.' },
  { pattern: /(^|[\s"'`(=])\/(work|tmp|root|home|Users)\//m, why: 'names a path of one machine.' },
  { pattern: /\bregistry\.[a-z0-9-]+\.[a-z]+|\blocalhost:4873\b/, why: 'names a registry; whose, the user decides.' },
];
const lockfile = [{ pattern: /^\s+tarball:|resolution: \{[^}]*tarball:|https?:\/\//m, why: 'names a host.' }];

/**
 * What holds for every file, whatever its language.
 * @param {string} path relative to the root
 * @param {string} text
 * @returns {string[]} findings
 */
export function checkText(path, text) {
  if (text.includes('\0')) return [];
  const rules = path === 'pnpm-lock.yaml' ? [...forbidden, ...lockfile] : forbidden;
  return rules.flatMap(({ pattern, why }) => {
    const match = pattern.exec(text);
    if (!match) return [];
    return [`${path}:${text.slice(0, match.index + 1).split('\n').length}: ${match[0].trim()} ${why}`];
  });
}
