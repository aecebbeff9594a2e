export { type CacheOptions, cached } from './cached';
export { type FashionMnistOptions, fashionMnist } from './readers/fashionMnist';
export { type IdxOptions, idxImages } from './readers/idx';
export { type ImageFolderOptions, imageFolder } from './readers/imageFolder';
export { type LoaderOptions, loader } from './loader';
export { plugin } from './plugin';
export { type SplitOptions, split, subset } from './subset';
