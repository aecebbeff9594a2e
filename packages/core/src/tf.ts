/** TensorFlow.js core, with gradients registered in Node and in browsers: the one `tf` of every Unlabel package. */
export * as tf from '@tensorflow/tfjs-core';

// The package's Node entry leaves gradients out. This registers them in tfjs's process-wide registry, and must come
// second: the files expect the flags that the entry defines.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { registerMissingGradients } from './tfGradients';

registerMissingGradients();
