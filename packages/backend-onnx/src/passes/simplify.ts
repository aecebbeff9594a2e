import { sizeOf } from '@unlabel/core';
import { floatConstant, sameShape } from '../graph/builder';
import {
  type Graph,
  type GraphNode,
  numberOf,
  producers,
  rewriteNodes,
  useCounts,
  type Value,
  value,
} from '../graph/graph';
import { definePass } from './pass';

/**
 * Arithmetic that needs no operator: x·1, x/1, x + 0, x − 0, operators on scalar constants, chains of scalar factors,
 * and a reshape of a reshape. Gradients of means and sums are full of these.
 */
export const simplify = definePass({
  name: 'simplify',
  summary: 'Does arithmetic that needs no operator: x·1, x + 0, factors of factors, a reshape of a reshape.',
  portable: true,
  run: simplified,
});

function simplified(graph: Graph): Graph {
  const made = new Map(producers(graph));
  const uses = useCounts(graph);
  return rewriteNodes(graph, (original, replace) => {
    const node = shortened(original, made, uses);
    const [output] = node.outputs;
    for (const result of node.outputs) made.set(result, node);
    if (!output || node.domain) return [node];
    const same = unchangedInput(node) ?? folded(node);
    if (!same || !sameShape(same.shape, output.shape) || same.dtype !== output.dtype) return [node];
    replace(output, same);
    return [];
  });
}

/** The input that a node passes on as it is. */
function unchangedInput({ op, inputs: [a, b] }: GraphNode): Value | undefined {
  if (op === 'Mul') return isNumber(b, 1) ? a : isNumber(a, 1) ? b : undefined;
  if (op === 'Div') return isNumber(b, 1) ? a : undefined;
  if (op === 'Add') return isNumber(b, 0) ? a : isNumber(a, 0) ? b : undefined;
  if (op === 'Sub') return isNumber(b, 0) ? a : undefined;
  return undefined;
}

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
};

/** The result of arithmetic on two constants of one element. */
function folded({ op, inputs: [a, b], outputs: [output] }: GraphNode): Value | undefined {
  const compute = arithmetic[op];
  if (!compute || !output || output.dtype !== 'float32' || numberOf(a) === undefined || numberOf(b) === undefined)
    return undefined;
  const result = compute(numberOf(a) ?? 0, numberOf(b) ?? 0);
  return sizeOf(output.shape) === 1 ? value('float32', output.shape, Float32Array.of(result)) : undefined;
}

/** (x·a)·b as x·(ab) for scalar constants a and b, division included; a reshape of a reshape as one. */
function shortened(node: GraphNode, made: ReadonlyMap<Value, GraphNode>, uses: ReadonlyMap<Value, number>): GraphNode {
  const [x] = node.inputs;
  const inner = x && made.get(x);
  if (node.op === 'Reshape' && inner?.op === 'Reshape')
    return { ...node, inputs: [inner.inputs[0], ...node.inputs.slice(1)] };
  const [outer, own] = [factorOf(node), inner && factorOf(inner)];
  if (!outer || !own || !inner || (uses.get(outer.of) ?? 0) > 1) return node;
  const shapes = [outer.of.shape, node.outputs[0]?.shape ?? []]; // a constant may bring axes of its own
  if (made.get(outer.of) !== inner || !shapes.every((shape) => sameShape(shape, own.of.shape))) return node;
  return { ...node, op: 'Mul', inputs: [own.of, floatConstant(own.factor * outer.factor)] };
}

/** A node that multiplies by a scalar constant. */
function factorOf({ op, inputs: [a, b] }: GraphNode): { readonly of: Value; readonly factor: number } | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (op === 'Mul' && a && right !== undefined && a.dtype === 'float32') return { of: a, factor: right };
  if (op === 'Mul' && b && left !== undefined && b.dtype === 'float32') return { of: b, factor: left };
  if (op === 'Div' && a && right !== undefined && a.dtype === 'float32') return { of: a, factor: 1 / right };
  return undefined;
}

function isNumber(value: Value | undefined, number: number): boolean {
  return numberOf(value) === number;
}
