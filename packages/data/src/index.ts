export { type CacheOptions, cached } from './cached';
export { type FashionMnistOptions, fashionMnist } from './fashionMnist';
export { type IdxOptions, idxImages } from './idx';
export { type LoaderOptions, loader } from './loader';
export { type SplitOptions, split, subset } from './subset';
