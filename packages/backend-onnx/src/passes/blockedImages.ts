import type { Graph } from '../graph/graph';
import { inBlocks } from './blockedOperators';
import { blockedWalk } from './blockedWalk';
import { definePass, type Target } from './pass';

/**
 * ONNX Runtime's fastest convolutions read and write images in blocks of channels, one to a vector register: up to twice
 * as fast as those of images in order, which copy every pixel once for each tap. Images enter blocks in front of a
 * convolution and stay there for all that does not care: arithmetic, ReLU, batch norm, sums over pixels. What does, such
 * as the gradient of a filter, is given them batch-last, once.
 */
export const blockedImages = definePass({
  name: 'blockedImages',
  summary: "Convolves images in ONNX Runtime's blocks of channels, and keeps them there in between.",
  run: (graph, target) => (target.imageBlock > 1 ? keptInBlocks(graph, target) : graph),
});

function keptInBlocks(graph: Graph, { imageBlock }: Target): Graph {
  const walk = blockedWalk(graph, imageBlock);
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    const single = node.outputs.length === 1 && output?.dtype === 'float32';
    const result = single ? inBlocks(walk, node, output) : undefined;
    if (result === undefined || !output) walk.keep(node);
    else if ('extents' in result) walk.hold(output, result);
    else walk.provide(output, result);
  }
  for (const output of Object.values(graph.outputs)) walk.inOrder(output);
  return { ...graph, nodes: walk.builder.nodes };
}
