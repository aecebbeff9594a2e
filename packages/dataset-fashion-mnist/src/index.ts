export { classNames, imagesUrl, labelsUrl } from './fashionMnist';
