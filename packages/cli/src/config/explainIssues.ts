import { nearestName } from '@unlabel/core';
import { z } from 'zod';

type Issue = z.core.$ZodIssue;

/**
 * Says what is wrong with a value, one sentence an issue: where, what was given, what is needed, and for an unknown key
 * the nearest known one.
 * @param value what was parsed
 * @param at where the value stands in the whole file, such as `objective`
 */
export function explainIssues(issues: readonly Issue[], schema: z.ZodType, value: unknown, at = ''): readonly string[] {
  return issues.flatMap((issue) => explain(issue, schema, value, at));
}

function explain(issue: Issue, schema: z.ZodType, value: unknown, at: string): readonly string[] {
  const where = dotted([at, ...issue.path.map(String)]);
  const given = valueAt(value, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey(key, keysAt(schema, issue.path), where));
  }
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.find((branch) => branch.some((inner) => inner.path.length > 0));
    if (nested)
      return explainIssues(
        nested.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
        schema,
        value,
        at,
      );
    const wanted = issue.errors.flatMap((branch) =>
      branch.flatMap((inner) => ('expected' in inner ? [noun(inner.expected)] : [])),
    );
    return [`${where || 'The config'} ${isGiven(given)}; it needs ${[...new Set(wanted)].join(' or ')}.`];
  }
  if (issue.code === 'invalid_type')
    return [`${where || 'The config'} ${isGiven(given)}; it needs ${noun(issue.expected)}.`];
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const nearest = typeof given === 'string' ? nearestName(given, values) : undefined;
    const hint = nearest ? ` Did you mean '${nearest}'?` : '';
    return [`${where} ${isGiven(given)}; it can be ${values.join(', ')}.${hint}`];
  }
  return [`${where} ${isGiven(given)}: ${issue.message}.`];
}

function unknownKey(key: string, known: readonly string[], where: string): string {
  const nearest = nearestName(key, known);
  const hint = nearest ? `Did you mean '${dotted([where, nearest])}'?` : `Known keys: ${known.join(', ') || 'none'}.`;
  return `There is no key '${dotted([where, key])}'. ${hint}`;
}

/** The same for keys that the options' schema does not know, also where it would let them pass. */
export function unknownKeys(
  options: Readonly<Record<string, unknown>>,
  schema: z.ZodType,
  at: string,
): readonly string[] {
  const known = keysAt(schema, []);
  return Object.keys(options)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(key, known, at));
}

/** The keys that a schema knows at a path, by way of its JSON Schema. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let node: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  for (const key of path) node = child(node, key);
  return Object.keys(record(record(node).properties));
}

function child(node: unknown, key: PropertyKey): unknown {
  const { properties, items, anyOf } = record(node);
  if (typeof key === 'number') return items;
  const own = record(properties)[String(key)];
  if (own !== undefined || !Array.isArray(anyOf)) return own;
  return anyOf.map((branch) => child(branch, key)).find((found) => found !== undefined);
}

function isGiven(given: unknown): string {
  if (given === undefined) return 'is missing';
  if (given === null) return 'is empty';
  return `is ${JSON.stringify(given)} (${Array.isArray(given) ? 'a list' : noun(typeof given)})`;
}

function noun(type: string): string {
  const nouns: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    object: 'a section with keys',
    array: 'a list',
    tuple: 'a list',
    record: 'a section with keys',
  };
  return nouns[type] ?? type;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (Array.isArray(node) ? node[Number(key)] : record(node)[String(key)]),
    value,
  );
}

function dotted(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
