import { expect, test } from 'vitest';
import { encodeNpy } from './npy';

test('writes the magic, a padded header and little-endian rows', () => {
  const file = encodeNpy(Float32Array.of(1, 2, 3, 4, 5, 6), 2, 3);
  const text = new TextDecoder('latin1').decode(file);
  const headerLength = new DataView(file.buffer).getUint16(8, true);
  expect(text.slice(0, 8)).toBe('\x93NUMPY\x01\x00');
  expect((10 + headerLength) % 64).toBe(0); // the format wants values aligned
  expect(text.slice(10, 10 + headerLength)).toMatch(
    /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(2, 3\), \} *\n$/,
  );
  expect([...new Float32Array(file.slice(10 + headerLength).buffer)]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('writes a matrix without rows', () => {
  expect(new TextDecoder('latin1').decode(encodeNpy(new Float32Array(), 0, 3))).toContain("'shape': (0, 3)");
});
