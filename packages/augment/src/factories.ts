// What a worker thread imports to rebuild a pipeline: every factory that a portable reference names.
export { affineCrop } from './affineCrop';
export { centreCrop } from './centreCrop';
export { colourJitter } from './colourJitter';
export { equalize } from './equalize';
export { erasing } from './erasing';
export { gaussianBlur } from './gaussianBlur';
export { grayscale } from './grayscale';
export { posterize } from './posterize';
export { randomResizedCrop } from './randomResizedCrop';
export { rotation } from './rotation';
export { solarize } from './solarize';
export { rebuildViewPipeline } from './viewPipeline';
