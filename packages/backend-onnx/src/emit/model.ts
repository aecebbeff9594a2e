import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import manifest from '../../package.json' with { type: 'json' };
import {
  type AttributeValue,
  type ConstantData,
  dataType,
  type Graph,
  type GraphNode,
  type Value,
} from '../graph/graph';
import { constantsOf, requireWritable } from './modelSize';
import { defaultOpset, inOpset, irVersionOf } from './opset';

/** What stands in a file beside the graph. */
export interface ModelOptions {
  /** Version of ONNX's own operators, 17 … 21 (default 17). */ readonly opset?: number;
  /** What the model is, as a sentence. */ readonly description?: string;
  /** Key–value pairs for people and tools. */ readonly metadata?: Readonly<Record<string, string>>;
  /** A name for the first axis of inputs and outputs, which then may have any extent. */ readonly batchAxis?: string;
}

/**
 * A graph as the bytes of an ONNX file (onnx.proto, `ModelProto`). The same graph gives the same bytes.
 * @throws UnlabelError `INVALID_OPTION` for an unknown opset, `MODEL_TOO_LARGE`
 */
export function encodeModel(given: Graph, options: ModelOptions = {}): Uint8Array {
  const { opset = defaultOpset, description, metadata = {}, batchAxis } = options;
  const irVersion = irVersionOf(opset);
  const graph = inOpset(given, opset);
  requireWritable(graph);
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  text(writer, 2, 'unlabel');
  text(writer, 3, manifest.version);
  if (description !== undefined) text(writer, 6, description);
  message(writer, 7, (inner) => writeGraph(inner, graph, batchAxis));
  message(writer, 8, (inner) => operatorSet(inner, '', opset));
  for (const domain of new Set(graph.nodes.map((node) => node.domain)))
    if (domain) message(writer, 8, (inner) => operatorSet(inner, domain, 1));
  for (const [key, content] of Object.entries(metadata)) {
    message(writer, 14, (inner) => {
      text(inner, 1, key);
      text(inner, 2, content);
    });
  }
  return writer.finish();
}

/** Puts a nested message into a field. */
function message(writer: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

function text(writer: BinaryWriter, field: number, content: string): void {
  writer.tag(field, WireType.LengthDelimited).string(content);
}

function operatorSet(writer: BinaryWriter, domain: string, version: number): void {
  text(writer, 1, domain);
  writer.tag(2, WireType.Varint).int64(version);
}

/** `GraphProto`; inputs and outputs keep their names, all else is numbered in the order of the file. */
function writeGraph(writer: BinaryWriter, graph: Graph, batchAxis: string | undefined): void {
  const names = new Map<Value, string>();
  for (const [name, input] of Object.entries(graph.inputs)) names.set(input, name);
  for (const [name, output] of Object.entries(graph.outputs)) names.set(output, name);
  const nameOf = (value: Value) => {
    const name = names.get(value) ?? `v${names.size}`;
    names.set(value, name);
    return name;
  };
  graph.nodes.forEach((node, index) => {
    message(writer, 1, (inner) => writeNode(inner, node, nodeName(node, index), nameOf));
  });
  text(writer, 2, 'unlabel');
  for (const constant of constantsOf(graph)) {
    message(writer, 5, (inner) => writeTensor(inner, nameOf(constant), constant, constant.constant));
  }
  for (const input of Object.values(graph.inputs))
    message(writer, 11, (inner) => writeValue(inner, nameOf(input), input, batchAxis));
  for (const output of Object.values(graph.outputs))
    message(writer, 12, (inner) => writeValue(inner, nameOf(output), output, batchAxis));
}

/** Speaks of the tfjs kernel, too, and so do ONNX Runtime's errors and profiles: `Conv2D/Conv_12`. */
export function nodeName({ op, origin }: GraphNode, index: number): string {
  return `${origin ? `${origin.kernel}/` : ''}${op}_${index}`;
}

/** `NodeProto` */
function writeNode(writer: BinaryWriter, node: GraphNode, name: string, nameOf: (value: Value) => string): void {
  for (const input of node.inputs) text(writer, 1, input ? nameOf(input) : '');
  for (const output of node.outputs) text(writer, 2, nameOf(output));
  text(writer, 3, name);
  text(writer, 4, node.op);
  for (const [attribute, content] of Object.entries(node.attributes)) {
    message(writer, 5, (inner) => writeAttribute(inner, attribute, content));
  }
  if (node.domain) text(writer, 7, node.domain);
}

/** `AttributeProto`; the last field tells the type. */
function writeAttribute(writer: BinaryWriter, name: string, attribute: AttributeValue): void {
  text(writer, 1, name);
  if (typeof attribute === 'number') {
    writer.tag(3, WireType.Varint).int64(attribute);
    writer.tag(20, WireType.Varint).int32(2);
  } else if (typeof attribute === 'string') {
    text(writer, 4, attribute);
    writer.tag(20, WireType.Varint).int32(3);
  } else if ('float' in attribute) {
    writer.tag(2, WireType.Bit32).float(attribute.float);
    writer.tag(20, WireType.Varint).int32(1);
  } else {
    for (const number of attribute) writer.tag(8, WireType.Varint).int64(number);
    writer.tag(20, WireType.Varint).int32(7);
  }
}

/** `TensorProto` with little-endian raw data. */
function writeTensor(
  writer: BinaryWriter,
  name: string,
  { shape, dtype }: Value,
  data: ConstantData | undefined,
): void {
  for (const extent of shape) writer.tag(1, WireType.Varint).int64(extent);
  writer.tag(2, WireType.Varint).int32(dataType[dtype]);
  text(writer, 8, name);
  const { buffer, byteOffset, byteLength } = data ?? new Uint8Array();
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength));
}

/** `ValueInfoProto` */
function writeValue(writer: BinaryWriter, name: string, { shape, dtype }: Value, batchAxis: string | undefined): void {
  const extents = (inner: BinaryWriter) =>
    shape.forEach((extent, axis) => {
      message(inner, 1, (dimension) => {
        if (axis === 0 && batchAxis !== undefined) text(dimension, 2, batchAxis);
        else dimension.tag(1, WireType.Varint).int64(extent);
      });
    });
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.tag(1, WireType.Varint).int32(dataType[dtype]);
      message(tensor, 2, extents);
    }),
  );
}
