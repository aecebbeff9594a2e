import type { GraphBuilder } from '../graph/builder';
import type { Value } from '../graph/graph';
import { denseImages, denseValue, inImageOrder, plainly } from '../graph/lowered';
import type { KernelCall, Kernels } from './kernel';
import { requireFitting } from './requireFitting';
import { convolutionWindows, imagesShape, type Windows } from './windows';

/** Writes an operator of images or gradients, in the graph's image order, and filters as tfjs has them. */
type Lower = (builder: GraphBuilder, first: Value, second: Value, windows: Windows) => Value;

/** A convolution and its two gradients, for ordinary and for depthwise filters. */
export interface ConvolutionFamily {
  /** tfjs's name of the convolution; its gradients are called `…BackpropInput` and `…BackpropFilter`. */
  readonly kernel: string;
  readonly depthwise: boolean;
  /** Of images and filter. */ readonly convolve: Lower;
  /** Of the result's gradient and the filter. */ readonly inputGradient: Lower;
  /** Of images and the result's gradient. */ readonly filterGradient: Lower;
}

/** The three kernels of a family. */
export function convolutionFamily(family: ConvolutionFamily): Kernels {
  const { kernel, depthwise, convolve, inputGradient, filterGradient } = family;
  const windowsOf = (call: KernelCall, images: readonly number[], filter: readonly number[]) =>
    requireFitting(call, convolutionWindows(call, images, filter, depthwise), false);
  const forward = (call: KernelCall) => windowsOf(call, call.input('x').shape, call.input('filter').shape);
  return {
    [kernel]: {
      infer: (call) => [{ dtype: 'float32', shape: imagesShape(forward(call)) }],
      lower: (call) => {
        const { builder, output } = call;
        const images = denseImages(builder, call.input('x'));
        const filter = denseValue(builder, call.input('filter'));
        return [inImageOrder(convolve(builder, images, filter, forward(call)), output)];
      },
    },
    [`${kernel}BackpropInput`]: {
      infer: (call) => [{ dtype: 'float32', shape: call.numbers('inputShape') }],
      lower: (call) => {
        const { builder, output } = call;
        const windows = windowsOf(call, output.shape, call.input('filter').shape);
        const dy = denseImages(builder, call.input('dy'));
        const filter = denseValue(builder, call.input('filter'));
        return [inImageOrder(inputGradient(builder, dy, filter, windows), output)];
      },
    },
    [`${kernel}BackpropFilter`]: {
      infer: (call) => [{ dtype: 'float32', shape: call.numbers('filterShape') }],
      lower: (call) => {
        const { builder, output } = call;
        const windows = windowsOf(call, call.input('x').shape, output.shape);
        const images = denseImages(builder, call.input('x'));
        const dy = denseImages(builder, call.input('dy'));
        return [plainly(filterGradient(builder, images, dy, windows), output)];
      },
    },
  };
}
