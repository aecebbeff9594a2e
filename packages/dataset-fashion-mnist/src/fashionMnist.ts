/** Where the 10,000 images lie: an IDX file, gzipped, `[10000, 28, 28]` uint8. A `file:` URL in Node, an asset's URL in a bundle. */
export const imagesUrl: URL = new URL('../data/t10k-images-idx3-ubyte.gz', import.meta.url);

/** Where their labels lie: an IDX file, gzipped, `[10000]` uint8, each an index into {@link classNames}. */
export const labelsUrl: URL = new URL('../data/t10k-labels-idx1-ubyte.gz', import.meta.url);

/** What each label means, by index. */
export const classNames: readonly string[] = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
