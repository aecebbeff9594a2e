/** TensorFlow.js core, with gradients registered in Node and in browsers: the one `tf` of every Unlabel package. */
export * as tf from '@tensorflow/tfjs-core';

import { registerGradients } from './tfGradients';

registerGradients();
