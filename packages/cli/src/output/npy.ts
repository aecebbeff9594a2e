/**
 * Encodes a float32 matrix in NumPy's .npy format, version 1.0.
 * @param data row-major `[count, dim]`
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy(data: Float32Array, count: number, dim: number): Uint8Array {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, ${dim}), }`;
  const preamble = 10; // magic, version, header length
  const headerLength = Math.ceil((preamble + description.length + 1) / 64) * 64 - preamble;
  const file = new Uint8Array(preamble + headerLength + data.byteLength);
  file.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  const view = new DataView(file.buffer);
  view.setUint16(8, headerLength, true);
  file.set(new TextEncoder().encode(`${description.padEnd(headerLength - 1)}\n`), preamble);
  data.forEach((value, index) => {
    view.setFloat32(preamble + headerLength + 4 * index, value, true);
  });
  return file;
}
