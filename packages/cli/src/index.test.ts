import { expect, test } from 'vitest';
import * as cli from './index';

test('exports what a script needs and nothing else', () => {
  expect(Object.keys(cli).sort()).toEqual([
    'configJsonSchema',
    'configSchema',
    'loadConfig',
    'loadRegistry',
    'parseConfig',
    'runConfig',
  ]);
});
