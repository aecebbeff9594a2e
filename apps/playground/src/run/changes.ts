import type { Settings } from './settings';

/** Which options of the method differ, as words: `stopGradient is now false`. */
export function changesBetween(before: Settings, after: Settings): readonly string[] {
  const names = [...new Set([...Object.keys(before.methodOptions), ...Object.keys(after.methodOptions)])];
  return names
    .filter((name) => told(before.methodOptions[name]) !== told(after.methodOptions[name]))
    .map((name) => `${name} is now ${told(after.methodOptions[name])}`);
}

function told(value: unknown): string {
  return value === undefined ? 'as by default' : JSON.stringify(value);
}
