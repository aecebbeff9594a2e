/** TensorFlow.js core, and in the place of what it gets wrong, what is right. */
export * from '@tensorflow/tfjs-core';
export { einsum } from './einsum';
