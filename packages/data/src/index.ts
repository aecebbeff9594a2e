export { type CacheOptions, cached } from './cached';
export { type FashionMnistOptions, fashionMnist } from './fashionMnist';
export { type IdxOptions, idxImages } from './idx';
export { type ImageFolderOptions, imageFolder } from './imageFolder';
export { type LoaderOptions, loader } from './loader';
export { plugin } from './plugin';
export { type SplitOptions, split, subset } from './subset';
