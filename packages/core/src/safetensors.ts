import { UnlabelError } from './errors';
import { type HostDtype, type HostTensor, type HostTensors, sizeOf } from './hostTensor';

/** Tensors and string metadata of a safetensors file. */
export interface SafetensorsFile {
  readonly tensors: HostTensors;
  readonly metadata: Readonly<Record<string, string>>;
}

const names: Readonly<Record<HostDtype, string>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
const maxHeaderBytes = 100_000_000; // the format's own bound

/**
 * Encodes tensors in the safetensors format: an 8-byte length, a JSON header, then the values, little-endian.
 * @see https://huggingface.co/docs/safetensors
 */
export function encodeSafetensors(tensors: HostTensors, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  let end = 0;
  const placed = Object.entries(tensors).map(([name, tensor]) => {
    const start = end;
    end += tensor.data.byteLength;
    header[name] = { dtype: names[tensor.dtype], shape: tensor.shape, data_offsets: [start, end] };
    return { tensor, start };
  });
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8; // padded with spaces so that the values are aligned
  const file = new Uint8Array(8 + headerLength + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  for (const { tensor, start } of placed) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    file.set(new Uint8Array(buffer, byteOffset, byteLength), 8 + headerLength + start);
  }
  return file;
}

/**
 * Decodes a safetensors file with float32, int32 and bool tensors; every length and offset is checked before it is used.
 * @throws UnlabelError `WEIGHTS_INVALID` for anything that is not such a file
 */
export function decodeSafetensors(file: Uint8Array): SafetensorsFile {
  if (file.byteLength < 8) throw invalid(`it has ${file.byteLength} bytes`);
  const headerLength = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > maxHeaderBytes || 8 + headerLength > file.byteLength) throw invalid('its header is cut off');
  const { __metadata__: metadata = {}, ...entries } = parseHeader(file.subarray(8, 8 + headerLength));
  const values = file.subarray(8 + headerLength);
  requireApart(Object.values(entries), values.byteLength);
  const tensors = Object.entries(entries).map(([name, entry]) => [name, decodeTensor(name, entry, values)] as const);
  return { tensors: Object.fromEntries(tensors), metadata: stringRecord(metadata) };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isRecord(header)) return header;
  } catch (cause) {
    throw invalid('its header is not JSON', cause);
  }
  throw invalid('its header is not an object');
}

/** Entries that share values would let a small file decode to a large one. */
function requireApart(entries: readonly unknown[], available: number): void {
  const lengths = entries.map((entry) => {
    const offsets = isRecord(entry) ? entry.data_offsets : undefined;
    return isExtents(offsets) ? (offsets[1] ?? 0) - (offsets[0] ?? 0) : 0;
  });
  const claimed = lengths.reduce((sum, length) => sum + length, 0);
  if (claimed > available) throw invalid(`its tensors claim ${claimed} bytes, but ${available} follow the header`);
}

function decodeTensor(name: string, entry: unknown, values: Uint8Array): HostTensor {
  if (!isRecord(entry)) throw invalid(`the entry of ${name} is not an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isExtents(shape) || !isExtents(offsets) || offsets.length !== 2)
    throw invalid(`the entry of ${name} is malformed`);
  const [start = 0, end = 0] = offsets;
  const bytes = dtype === 'BOOL' ? 1 : 4;
  if (end > values.byteLength || end - start !== sizeOf(shape) * bytes) {
    throw invalid(`the values of ${name} do not fit its shape [${shape}] or are cut off`);
  }
  const copy = new Uint8Array(values.subarray(start, end)); // slice would not copy a Node Buffer
  if (dtype === 'F32') return { dtype: 'float32', shape, data: new Float32Array(copy.buffer) };
  if (dtype === 'I32') return { dtype: 'int32', shape, data: new Int32Array(copy.buffer) };
  if (dtype === 'BOOL') return { dtype: 'bool', shape, data: copy };
  throw invalid(`${name} is ${String(dtype)}, and only F32, I32 and BOOL are read`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isExtents(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
}

function stringRecord(value: unknown): Record<string, string> {
  if (!isRecord(value)) throw invalid('its metadata is not an object');
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

function invalid(what: string, cause?: unknown): UnlabelError {
  return new UnlabelError('WEIGHTS_INVALID', `Not a readable safetensors file: ${what}.`, {
    fix: 'Copy or export it again.',
    cause,
  });
}
