import { sizeOf } from '@unlabel/core';
import { type GraphBuilder, graphBuilder, integers, sameShape } from '../graph/builder';
import { type Graph, type GraphNode, producers, useCounts, type Value } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { type BlockedImages, fromBlocks, type ImageExtents, toBlocks } from './blockedLayout';

/** A graph that is being written anew, with images in blocks or batch-last, whichever their readers want. */
export interface BlockedWalk {
  /** Channels in a block. */ readonly block: number;
  readonly builder: GraphBuilder;
  /** The blocked form of images or of a view of them, if there is one. */
  blockedOf(wanted: Value | undefined): BlockedImages | undefined;
  /** As `blockedOf`, putting images into blocks if need be. */
  intoBlocks(wanted: Value, extents: ImageExtents): BlockedImages;
  /** Makes sure that new nodes can read a value as the graph had it, and returns it. */
  inOrder(wanted: Value): Value;
  /** The node that makes a value of the graph which is read once. */ makerFor(read: Value): GraphNode | undefined;
  /** What a value is a reshaped view of. */ viewed(view: Value | undefined): Value | undefined;
  /** Takes a node of the graph over as it is. */ keep(node: GraphNode): void;
  /** Says that a value of the graph is held in blocks. */ hold(wanted: Value, images: BlockedImages): void;
  /** Lets a new value stand for one of the graph, which keeps its name. */ provide(wanted: Value, by: Value): void;
}

/** Starts with an empty graph, to which nodes are taken over in their order. */
export function blockedWalk(graph: Graph, block: number): BlockedWalk {
  const builder = graphBuilder({ contrib: true, images: batchLast });
  const made = producers(graph);
  const uses = useCounts(graph);
  const blocked = new Map<Value, BlockedImages>();
  /** Values that are not there in order: reshapes of such, or `undefined` for images in blocks. */
  const missing = new Map<Value, GraphNode | undefined>();
  const viewed = (view: Value | undefined) => {
    const node = view && made.get(view);
    return node?.op === 'Reshape' ? node.inputs[0] : undefined;
  };
  const blockedOf = (wanted: Value | undefined): BlockedImages | undefined => {
    const found = wanted && blocked.get(wanted);
    if (found || !wanted) return found;
    const images = blockedOf(viewed(wanted));
    return images && isView(wanted.shape, images.extents) ? images : undefined;
  };
  const write = (node: GraphNode) => {
    for (const read of node.inputs) if (read) walk.inOrder(read);
    builder.nodes.push(node);
  };
  const walk: BlockedWalk = {
    block,
    builder,
    blockedOf,
    makerFor: (read) => (uses.get(read) === 1 ? made.get(read) : undefined),
    viewed,
    intoBlocks: (wanted, extents) => {
      const found = blockedOf(wanted);
      if (found) return found;
      const images = toBlocks(builder, walk.inOrder(wanted), extents);
      blocked.set(firstView(wanted, extents, viewed), images);
      return images;
    },
    inOrder: (wanted) => {
      if (!missing.has(wanted)) return wanted;
      const node = missing.get(wanted);
      const images = blocked.get(wanted);
      missing.delete(wanted);
      if (node) write(node);
      else if (images) walk.provide(wanted, fromBlocks(builder, images));
      return wanted;
    },
    keep: (node) => {
      const [input] = node.inputs;
      const [output] = node.outputs;
      if (node.op === 'Reshape' && input && output && missing.has(input)) missing.set(output, node);
      else write(node);
    },
    hold: (wanted, images) => {
      blocked.set(wanted, images);
      missing.set(wanted, undefined);
    },
    provide: (wanted, by) => {
      const last = builder.nodes.at(-1);
      const rename = last?.outputs[0] === by && last.outputs.length === 1 && sameShape(by.shape, wanted.shape);
      if (rename) builder.nodes.splice(-1, 1, { ...last, outputs: [wanted] });
      else
        builder.nodes.push({ op: 'Reshape', inputs: [by, integers(wanted.shape)], outputs: [wanted], attributes: {} });
    },
  };
  return walk;
}

/** How far back views of images go. */
function firstView(view: Value, extents: ImageExtents, viewed: (view: Value) => Value | undefined): Value {
  const source = viewed(view);
  return source && isView(source.shape, extents) ? firstView(source, extents, viewed) : view;
}

/** Whether images of these extents, batch-last, can have this shape. */
function isView(shape: readonly number[], extents: ImageExtents): boolean {
  const [channels, ...pixels] = extents;
  return [extents, [1, ...extents], [1, channels, sizeOf(pixels)]].some((view) => sameShape(view, shape));
}
