import type { AttributeValue, Graph, GraphNode, Origin, Value } from '../graph/graph';
import { nodeCost } from './cost';
import { gigaflops, megabytes } from './figures';
import { operatorName } from './summary';

/**
 * A graph as text, one line a node:
 * `%12 float32[128,28,28,256] = Conv[strides 1 1](%3 float32[…], …) 1.85 GFLOP 12.8 MB from tf.conv2d (Conv2D) at stem.ts:31:7`.
 */
export function listing(graph: Graph): string {
  const names = new Map(Object.entries(graph.inputs).map(([name, input]) => [input, name]));
  let count = 0;
  for (const node of graph.nodes) for (const output of node.outputs) names.set(output, `%${count++}`);
  const nameOf = (value: Value) => names.get(value) ?? literal(value);
  const results = Object.entries(graph.outputs).map(([name, output]) => `${name} = ${nameOf(output)}`);
  return [...graph.nodes.map((node) => line(node, nameOf)), ...results].join('\n');
}

function line(node: GraphNode, nameOf: (value: Value) => string): string {
  const typed = (value: Value) => `${nameOf(value)} ${typeOf(value)}`;
  const results = node.outputs.map(typed).join(', ');
  const inputs = node.inputs.map((input) => (input ? (isInline(input) ? literal(input) : typed(input)) : '-'));
  const { flops, read, written } = nodeCost(node);
  const cost =
    Math.max(flops / 1e9, (read + written) / 1e6) < 0.001
      ? ''
      : ` ${gigaflops(flops)} GFLOP ${megabytes(read + written)} MB`;
  return `${results} = ${operatorName(node)}${attributes(node)}(${inputs.join(', ')})${cost}${described(node.origin)}`;
}

function typeOf({ dtype, shape }: Value): string {
  return `${dtype}[${shape.join(',')}]`;
}

function attributes({ attributes: given }: GraphNode): string {
  const entries = Object.entries(given).map(([name, attribute]) => `${name} ${attributeText(attribute)}`);
  return entries.length > 0 ? `[${entries.join('; ')}]` : '';
}

function attributeText(attribute: AttributeValue): string {
  if (typeof attribute === 'number' || typeof attribute === 'string') return String(attribute);
  return 'float' in attribute ? String(attribute.float) : attribute.join(' ');
}

/** Constants that a line has room for. */
function isInline({ constant }: Value): boolean {
  return constant !== undefined && constant.length <= 8;
}

function literal(value: Value): string {
  if (!value.constant || !isInline(value)) return 'constant';
  const numbers = Array.from(value.constant, Number).map((number) => String(Number(number.toPrecision(6))));
  return value.shape.length === 0 ? (numbers[0] ?? '') : `{${numbers.join(' ')}}`;
}

/** Where a node comes from, as the end of its line. */
function described(origin: Origin | undefined): string {
  if (!origin) return '';
  const { kernel, site } = origin;
  const call = site?.op ? `${site.op} (${kernel})` : kernel;
  return `  from ${call}${site?.line ? ` at ${site.line.replace(/^.*[\\/]/, '')}` : ''}`;
}
