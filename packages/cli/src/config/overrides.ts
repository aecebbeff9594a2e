import { UnlabelError } from '@unlabel/core';
import { parse } from 'yaml';

/**
 * Sets values of a parsed config by dotted path: `training.epochs=5`, `objective.temperature=0.2`, `plugins=[a, b]`.
 * Values are YAML. Setting an option of a part that was given by name alone keeps the name.
 * @throws UnlabelError `CONFIG_INVALID` for an assignment without `=`
 */
export function applyOverrides(config: unknown, assignments: readonly string[]): unknown {
  return assignments.reduce((changed, assignment) => {
    const { path, value } = parseAssignment(assignment);
    return withValue(changed, path, value);
  }, config);
}

function parseAssignment(assignment: string): { path: readonly string[]; value: unknown } {
  const [, path, text] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
  if (path === undefined || text === undefined) {
    throw new UnlabelError('CONFIG_INVALID', `--set was given '${assignment}'.`, {
      fix: 'Write it as key.path=value, such as --set training.epochs=5.',
    });
  }
  return { path: path.trim().split('.'), value: parse(text) };
}

function withValue(target: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(target))
    return target.map((item, index) => (String(index) === key ? withValue(item, rest, value) : item));
  const record = typeof target === 'string' ? { name: target } : isRecord(target) ? target : {};
  return { ...record, [key]: withValue(record[key], rest, value) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
