import { UnlabelError } from '@unlabel/core';
import { integers } from '../graph/builder';
import { type ConstantData, type Graph, type GraphNode, type Value, value } from '../graph/graph';

/** The same computation, captured with a batch of this size. */
export interface CapturedAt {
  readonly graph: Graph;
  readonly batch: number;
}

/**
 * Makes a graph work for any batch. tfjs wants whole shapes, so a graph is captured at two batch sizes: the extents that
 * differ between the two are multiples of the batch, and are worked out from the input's shape when the graph runs.
 * @throws UnlabelError `CAPTURE_UNSUPPORTED_OP` where more than extents depends on the batch
 */
export function dynamicBatch(first: CapturedAt, second: CapturedAt): Graph {
  const [input] = Object.values(first.graph.inputs);
  if (!input || first.graph.nodes.length !== second.graph.nodes.length) throw dependsOnBatch('The number of operators');
  const extra: GraphNode[] = [];
  const size = batchSize(input, extra);
  const nodes = first.graph.nodes.flatMap((node, index) => {
    const other = second.graph.nodes[index];
    if (!other || other.op !== node.op) throw dependsOnBatch(`Operator ${index} (${node.op})`);
    if (JSON.stringify(node.attributes) !== JSON.stringify(other.attributes))
      throw dependsOnBatch(`An attribute of ${node.op}`);
    const made: GraphNode[] = [];
    const inputs = node.inputs.map((given, position) => {
      const counterpart = other.inputs[position];
      const factors = given && counterpart && factorsOf(node.op, given, counterpart, first.batch, second.batch);
      if (!factors) return given;
      const inferred = node.op === 'Reshape' && factors.filter(({ factor }) => factor > 0).length === 1;
      return inferred
        ? integers(factors.map(({ factor, extent }) => (factor > 0 ? -1 : extent)))
        : extentsOf(factors, size, made);
    });
    return [...made, { ...node, inputs }];
  });
  return { ...first.graph, nodes: [...extra, ...nodes] };
}

/** An extent: a number, or a multiple of the batch. */
interface Extent {
  readonly extent: number;
  /** 0: it does not depend on the batch. */ readonly factor: number;
}

/** How the elements of a constant depend on the batch; nothing if they do not. */
function factorsOf(op: string, a: Value, b: Value, batchA: number, batchB: number): readonly Extent[] | undefined {
  if (!a.constant || !b.constant || sameNumbers(a.constant, b.constant)) return undefined;
  if (a.dtype !== 'int64' || a.constant.length !== b.constant.length) throw dependsOnBatch(`A constant of ${op}`);
  const [valuesA, valuesB] = [Array.from(a.constant, Number), Array.from(b.constant, Number)];
  return valuesA.map((extent, index) => {
    if (extent === valuesB[index]) return { extent, factor: 0 };
    const factor = extent / batchA;
    if (factor !== (valuesB[index] ?? 0) / batchB) throw dependsOnBatch(`An extent of ${op}`);
    return { extent, factor };
  });
}

/** Whether two constants hold the same; weights that stand as they came are one array. */
function sameNumbers(a: ConstantData, b: ConstantData): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((element: number | bigint, index: number) => Object.is(element, b[index]));
}

/** The batch size of whatever the graph is fed, as an int64 vector of one. */
function batchSize(input: Value, nodes: GraphNode[]): Value {
  const shape = value('int64', [input.shape.length]);
  const size = value('int64', [1]);
  nodes.push({ op: 'Shape', inputs: [input], outputs: [shape], attributes: {} });
  nodes.push({ op: 'Gather', inputs: [shape, integers([0])], outputs: [size], attributes: { axis: 0 } });
  return size;
}

/** The extents as a vector that is put together at run time. */
function extentsOf(extents: readonly Extent[], size: Value, nodes: GraphNode[]): Value {
  const parts = extents.map(({ extent, factor }) => {
    if (factor === 0) return integers([extent]);
    const multiple = value('int64', [1]);
    nodes.push({ op: 'Mul', inputs: [size, integers([factor])], outputs: [multiple], attributes: {} });
    return multiple;
  });
  const vector = value('int64', [extents.length]);
  nodes.push({ op: 'Concat', inputs: parts, outputs: [vector], attributes: { axis: 0 } });
  return vector;
}

function dependsOnBatch(what: string): UnlabelError {
  return new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `${what} depends on the batch size, so the encoder cannot be exported.`,
    {
      fix: 'Outside of training, treat every sample alike: no batch statistics, no shapes made of the batch size.',
    },
  );
}
