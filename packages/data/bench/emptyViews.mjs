/**
 * A pipeline that draws and writes nothing: what is left of a loader is reading, and carrying samples and arrays.
 * @param {{ size: number, views: number }} options
 */
export function emptyViews({ size, views }) {
  const names = Array.from({ length: views }, (_, view) => `views/${view}`);
  return {
    outputs: Object.fromEntries(names.map((name) => [name, { shape: [size, size, 3], dtype: 'float32' }])),
    draw: () => null,
    render: () => undefined,
    portable: { module: import.meta.url, factory: 'emptyViews', options: { size, views } },
  };
}
