import { type Dataset, UnlabelError } from '@unlabel/core';
import { classNames, imagesUrl, labelsUrl } from '@unlabel/dataset-fashion-mnist';
import { idxImages } from './idx';

/** Which part of Fashion-MNIST, and where the large part is installed. */
export interface FashionMnistOptions {
  /** `'test'`: the 10,000 images that come with this package; `'train'`: the 60,000 (default `'test'`). */ readonly split?:
    | 'test'
    | 'train';
  /** Folder of the four original .gz files (default: that of Debian's package). Only `'train'` needs it. */ readonly root?: string;
}

const debianRoot = '/usr/share/datasets/fashion-mnist';

/**
 * Fashion-MNIST: 28 × 28 grey images of ten kinds of clothing, with labels for evaluation.
 * @throws UnlabelError `DATASET_NOT_FOUND` where the 60,000 training images are not installed
 * @see Xiao, Rasul & Vollgraf 2017, https://arxiv.org/abs/1708.07747
 */
export async function fashionMnist(options: FashionMnistOptions = {}): Promise<Dataset> {
  const { split = 'test', root = debianRoot } = options;
  if (split === 'test') {
    return idxImages({ images: imagesUrl, labels: labelsUrl, classes: classNames, name: 'fashion-mnist-10k' });
  }
  const [images, labels] = [`${root}/train-images-idx3-ubyte.gz`, `${root}/train-labels-idx1-ubyte.gz`];
  try {
    return await idxImages({ images, labels, classes: classNames, name: 'fashion-mnist-60k' });
  } catch (cause) {
    if (!UnlabelError.is(cause, 'DATASET_NOT_FOUND')) throw cause;
    throw new UnlabelError('DATASET_NOT_FOUND', `The 60,000 training images of Fashion-MNIST are not in ${root}.`, {
      fix: '`apt install dataset-fashion-mnist` installs them on Debian and Ubuntu; elsewhere, give the folder of the original .gz files as `root`.',
      cause,
    });
  }
}
