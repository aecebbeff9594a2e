/** Numbers that are appended one by one, eight bytes each. */
export interface GrowingNumbers {
  readonly length: number;
  push(value: number): void;
  /** The value at `index`; NaN outside. */
  at(index: number): number;
  /** All of them, valid until the next push. */ all(): Float64Array;
}

/** A list of numbers that grows by doubling: millions of offsets take a fraction of what an array of objects does. */
export function growingNumbers(): GrowingNumbers {
  let values = new Float64Array(1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: (value) => {
      if (length === values.length) {
        const larger = new Float64Array(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    all: () => values.subarray(0, length),
    at: (index) => (index >= 0 && index < length ? (values[index] ?? Number.NaN) : Number.NaN),
  };
}
