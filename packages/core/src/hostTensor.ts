/** The element types that cross the border between JavaScript and a backend. */
export type HostDtype = 'float32' | 'int32' | 'bool';

/** A tensor's values in memory of JavaScript, which threads may share; row-major; `data.length` is the product of `shape`. */
export type HostTensor =
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array };

/** Host tensors by name, such as `'views/0'` or `'encoder/stem/kernel'`. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** What is known of a tensor before it has values. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: HostDtype;
}

/** Specs by name. */
export type TensorSpecs = Readonly<Record<string, TensorSpec>>;

/** A float32 host tensor over `data` (not copied). */
export function hostTensor(data: Float32Array, shape: readonly number[]): HostTensor {
  return { dtype: 'float32', shape, data };
}

/** A float32 scalar. */
export function hostScalar(value: number): HostTensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

/** Shapes and dtypes alone. */
export function specsOf(tensors: TensorSpecs): TensorSpecs {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
