/** Zeroed bytes that threads can share; ordinary memory where the platform (a page without isolation) has no such thing. */
export function sharedMemory(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);
}
