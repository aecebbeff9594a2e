import { sizeOf, UnlabelError } from '@unlabel/core';
import type { Graph, GraphDtype, Value } from '../graph/graph';

/** What protobuf allows for one message. */
const limit = 2 ** 31 - 1;

/** Room for a node with its names and attributes; those of our graphs take 100 to 300. */
const bytesOfNode = 512;

const bytesOf = { float32: 4, int32: 4, int64: 8, bool: 1 } as const satisfies Record<GraphDtype, number>;

/** The constants that nodes read, each once. */
export function constantsOf(graph: Graph): ReadonlySet<Value> {
  const read = graph.nodes.flatMap(({ inputs }) => inputs.filter((input) => input !== undefined));
  return new Set(read.filter(({ constant }) => constant !== undefined));
}

/**
 * Refuses a graph that does not fit into an ONNX file, before it is written.
 * @throws UnlabelError `MODEL_TOO_LARGE` with the largest constant
 */
export function requireWritable(graph: Graph): void {
  const constants = [...constantsOf(graph)].sort((a, b) => sizeInBytes(b) - sizeInBytes(a));
  const total = constants.reduce((sum, constant) => sum + sizeInBytes(constant), graph.nodes.length * bytesOfNode);
  if (total <= limit) return;
  const [largest] = constants;
  const named = largest ? `; its largest constant is ${largest.dtype} [${largest.shape}]` : '';
  throw new UnlabelError('MODEL_TOO_LARGE', `The model would take ${gigabytes(total)}, and ONNX allows 2 GB${named}.`, {
    fix: 'Give a step large tensors as state or inputs, which are not part of the model; write the weights of a large encoder with encodeSafetensors.',
  });
}

function sizeInBytes({ dtype, shape }: Value): number {
  return sizeOf(shape) * bytesOf[dtype];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
