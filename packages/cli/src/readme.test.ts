import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseConfig } from './config/loadConfig';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

test('the config of the README is valid to its last option', async () => {
  const [, yaml = ''] = /^```yaml\n(.*?)^```$/ms.exec(readme) ?? [];
  const { config } = await parseConfig(yaml, 'README.md');
  expect(config.training.epochs).toBe(100);
});
