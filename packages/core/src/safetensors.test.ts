import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnlabelError } from './errors';
import type { HostTensors } from './hostTensor';
import { decodeSafetensors, encodeSafetensors } from './safetensors';

const tensors: HostTensors = {
  'encoder/kernel': { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) },
  step: { dtype: 'int32', shape: [], data: Int32Array.of(-7) },
  mask: { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  empty: { dtype: 'float32', shape: [0, 4], data: new Float32Array() },
};

test('what is encoded comes back, with metadata', () => {
  const file = encodeSafetensors(tensors, { method: 'simclr' });
  expect(decodeSafetensors(file)).toEqual({ tensors, metadata: { method: 'simclr' } });
  expect(decodeSafetensors(Buffer.from(file)).tensors).toEqual(tensors);
});

test('the layout is that of the format: length, JSON header, values on 8-byte borders', () => {
  const file = encodeSafetensors({ w: { dtype: 'float32', shape: [1], data: Float32Array.of(1) } });
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  expect(length % 8).toBe(0);
  expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
    w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
  });
  expect([...file.subarray(8 + length)]).toEqual([0, 0, 128, 63]);
});

test.each([
  ['an empty file', new Uint8Array()],
  ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123)],
  ['a header of 2⁶³ bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128)],
  ['a header that is not JSON', withHeader('{nonsense')],
  ['a header that is an array', withHeader('[]')],
  ['an entry without offsets', withHeader('{"w":{"dtype":"F32","shape":[1]}}')],
  ['offsets past the end', withHeader('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}')],
  ['a negative offset', withHeader('{"w":{"dtype":"F32","shape":[0],"data_offsets":[-4,-4]}}')],
  ['a shape that does not match', withHeader('{"w":{"dtype":"F32","shape":[9],"data_offsets":[0,0]}}')],
  [
    'entries that share values',
    withHeader(
      '{"v":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}',
      2,
    ),
  ],
  ['a dtype that is not read', withHeader('{"w":{"dtype":"F64","shape":[0],"data_offsets":[0,0]}}')],
])('refuses %s', (_, file) => {
  expect(() => decodeSafetensors(file)).toThrowError(expect.objectContaining({ code: 'WEIGHTS_INVALID' }));
});

test('any damage to the header is refused or harmless, never a crash', () => {
  const file = encodeSafetensors(tensors);
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.nat(255), (at, byte) => {
      const damaged = file.slice();
      damaged[at] = byte;
      try {
        decodeSafetensors(damaged);
      } catch (error) {
        expect(UnlabelError.is(error, 'WEIGHTS_INVALID')).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

function withHeader(json: string, values = 0): Uint8Array {
  const bytes = new TextEncoder().encode(json);
  const file = new Uint8Array(8 + bytes.length + values);
  new DataView(file.buffer).setBigUint64(0, BigInt(bytes.length), true);
  file.set(bytes, 8);
  return file;
}
