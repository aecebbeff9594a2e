import { BinaryReader } from '@bufbuild/protobuf/wire';
import { UnlabelError } from '@unlabel/core';

/** The field of `ModelProto` that holds the metadata, one message for each entry. */
const metadataField = 14;

/**
 * The metadata of an ONNX file, which ONNX Runtime does not show to JavaScript. Works in browsers.
 * @returns by name; those that {@link exportOnnx} writes are listed in the README
 * @throws UnlabelError `WEIGHTS_INVALID` for bytes that are not an ONNX file
 */
export function readOnnxMetadata(file: Uint8Array): Readonly<Record<string, string>> {
  try {
    const reader = new BinaryReader(file);
    const entries: (readonly [string, string])[] = [];
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === metadataField) entries.push(readEntry(reader.bytes()));
      else reader.skip(wireType, field);
    }
    return Object.fromEntries(entries);
  } catch (cause) {
    throw new UnlabelError('WEIGHTS_INVALID', `This is not a whole ONNX file: ${String(cause)}.`, {
      cause,
      fix: 'Give the bytes of the .onnx file, all of them.',
    });
  }
}

/** `StringStringEntryProto` */
function readEntry(bytes: Uint8Array): readonly [string, string] {
  const reader = new BinaryReader(bytes);
  const entry = { key: '', value: '' };
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) entry.key = reader.string();
    else if (field === 2) entry.value = reader.string();
    else reader.skip(wireType, field);
  }
  return [entry.key, entry.value];
}
