import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { passes } from './optimise';
import { passNames, requirePassNames } from './passNames';

test('every pass of the folder is in the list, under the name of its file', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^\w+\.ts$/.test(file));
  const defining = files.filter((file) =>
    /= definePass\(/.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')),
  );
  const names = new Set(passes.map(({ name }) => name));
  expect([...names].sort()).toEqual(defining.map((file) => file.replace('.ts', '')).sort());
});

test('names are unique, choices of lowering included', () => {
  expect(new Set(passNames).size).toBe(passNames.length);
  expect(passNames.slice(0, 3)).toEqual(['splats', 'lazyBroadcast', 'imageLayout']);
});

test('an unknown name is refused with all that are known', () => {
  expect(() => requirePassNames(['simplify', 'simplfy'])).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_NAME', message: expect.stringMatching(/'simplfy'.*splats, .*simplify/) }),
  );
});
