import type { RunStore } from './runStore';

/** Writes scalars as a TensorBoard event file. */
export interface TensorboardWriter {
  scalars(step: number, values: Readonly<Record<string, number>>): Promise<void>;
}

/**
 * Opens a new event file under `tensorboard/`; a resumed run adds a file, and TensorBoard drops what the interrupted
 * one had logged past `resumedFrom`.
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto
 */
export async function openTensorboard(store: RunStore, resumedFrom: number): Promise<TensorboardWriter> {
  const seconds = Date.now() / 1000;
  const path = `tensorboard/events.out.tfevents.${Math.floor(seconds)}.unlabel`;
  await store.append(path, record(event(0, bytesField(3, new TextEncoder().encode('brain.Event:2')))));
  if (resumedFrom > 0) {
    const start = bytesField(7, varintField(1, 1)); // session_log { status: START }
    await store.append(path, record(event(resumedFrom + 1, start)));
  }
  return {
    scalars: async (step, values) => {
      const summary = concat(Object.entries(values).map(([tag, value]) => bytesField(1, summaryValue(tag, value))));
      await store.append(path, record(event(step, bytesField(5, summary))));
    },
  };
}

/** `Event { double wall_time = 1; int64 step = 2; … }` */
function event(step: number, what: Uint8Array): Uint8Array {
  const time = new Uint8Array(9);
  time[0] = (1 << 3) | 1;
  new DataView(time.buffer).setFloat64(1, Date.now() / 1000, true);
  return concat([time, varintField(2, step), what]);
}

/** `Summary.Value { string tag = 1; float simple_value = 2; }` */
function summaryValue(tag: string, value: number): Uint8Array {
  const float = new Uint8Array(5);
  float[0] = (2 << 3) | 5;
  new DataView(float.buffer).setFloat32(1, value, true);
  return concat([bytesField(1, new TextEncoder().encode(tag)), float]);
}

/** TFRecord framing: length, masked CRC of the length, data, masked CRC of the data. */
function record(data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(data.length + 16);
  const view = new DataView(frame.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, maskedCrc(frame.subarray(0, 8)), true);
  frame.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc(data), true);
  return frame;
}

function bytesField(field: number, bytes: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

function varintField(field: number, value: number): Uint8Array {
  return concat([varint(field << 3), varint(value)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.of(...bytes, rest);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** CRC-32C (Castagnoli), rotated and offset as TFRecord wants it. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = (crc ^ 0xffffffff) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
