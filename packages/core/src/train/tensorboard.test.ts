import { expect, test } from 'vitest';
import type { RunStore } from './runStore';
import { openTensorboard } from './tensorboard';

/** A store in memory. */
function memoryStore(): { store: RunStore; files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  const append = async (path: string, bytes: Uint8Array) => {
    files.set(path, Uint8Array.from([...(files.get(path) ?? []), ...bytes]));
  };
  const store: RunStore = {
    location: 'memory',
    append,
    write: async (path, bytes) => void files.set(path, bytes),
    read: async (path) => files.get(path),
    list: async () => [],
    remove: async () => undefined,
  };
  return { store, files };
}

test('frames records as TFRecord does: the known bytes of the version record', async () => {
  const { store, files } = memoryStore();
  await openTensorboard(store, 0);
  const [bytes] = [...files.values()];
  const view = new DataView(bytes?.buffer ?? new ArrayBuffer(0));
  expect(view.getUint32(0, true)).toBe(26); // wall time 9, step 2, version string 15
  expect(view.getUint32(8, true)).toBe(maskedCrcOf26); // CRC-32C of the length 26
  expect(new TextDecoder().decode(bytes?.subarray(12 + 13, 12 + 26))).toBe('brain.Event:2');
});

/** Masked CRC-32C of the bytes 1a 00 00 00 00 00 00 00, as TensorFlow writes it. */
const maskedCrcOf26 = 0x2dd89b12;

test('a scalar record holds step, tag and value', async () => {
  const { store, files } = memoryStore();
  const writer = await openTensorboard(store, 0);
  await writer.scalars(300, { loss: 0.5 });
  const [bytes = new Uint8Array()] = [...files.values()];
  const second = bytes.subarray(26 + 16);
  const data = second.subarray(12, second.length - 4);
  expect([...data.subarray(9, 12)]).toEqual([0x10, 0xac, 0x02]); // step 300 as a varint
  expect([...data.subarray(12)]).toEqual([0x2a, 13, 0x0a, 11, 0x0a, 4, ...Buffer.from('loss'), 0x15, 0, 0, 0, 0x3f]);
});

test('a resumed run says from which step on older events are void', async () => {
  const { store, files } = memoryStore();
  await openTensorboard(store, 41);
  const [bytes = new Uint8Array()] = [...files.values()];
  const data = bytes.subarray(26 + 16 + 12, -4);
  expect([...data.subarray(9)]).toEqual([0x10, 42, 0x3a, 2, 0x08, 1]);
});
