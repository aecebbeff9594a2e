import { expect, test } from 'vitest';
import { duration, formatTable, percent } from './table';

test('columns are as wide as their widest cell and numbers stand at the right', () => {
  const table = formatTable(
    [{ title: 'features' }, { title: 'kNN', align: 'right' }],
    [
      ['raw pixels', '81.85'],
      ['encoder', '9.5'],
    ],
  );
  expect(table.split('\n')).toEqual([
    'features      kNN',
    '----------  -----',
    'raw pixels  81.85',
    'encoder       9.5',
  ]);
});

test('a share becomes a percentage', () => expect(percent(0.8185)).toBe('81.85'));

test.each([
  [12.4, '12 s'],
  [59.7, '1 min 00 s'],
  [185, '3 min 05 s'],
  [7620, '2 h 07 min'],
])('%d seconds read as %s', (seconds, text) => expect(duration(seconds)).toBe(text));
