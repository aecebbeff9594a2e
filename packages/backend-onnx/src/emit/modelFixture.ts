import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A field's number and its content: a number, or bytes that are text or another message. */
interface Field {
  readonly number: number;
  readonly integer: number;
  readonly bytes: Uint8Array;
}

/** An operator as it stands in a file. */
export interface FileNode {
  readonly op: string;
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
}

/** An input or output of a file: names stand for extents that may vary. */
export interface FileValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** An ONNX file, read independently of how it was written, for tests. */
export interface ModelFile {
  readonly irVersion: number;
  readonly producer: string;
  readonly producerVersion: string;
  readonly description: string;
  /** Versions by domain; `''` is ONNX's own. */ readonly opsets: Readonly<Record<string, number>>;
  readonly nodes: readonly FileNode[];
  readonly initializers: readonly string[];
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
}

/** Reads an ONNX file by the field numbers of onnx.proto. */
export function readModel(file: Uint8Array): ModelFile {
  const model = fieldsOf(file);
  const graph = fieldsOf(firstBytes(model, 7));
  const opsets = all(model, 8).map((bytes) => [textOf(bytes, 1), integerOf(bytes, 2)] as const);
  return {
    irVersion: integerOf(file, 1),
    producer: textOf(file, 2),
    producerVersion: textOf(file, 3),
    description: textOf(file, 6),
    opsets: Object.fromEntries(opsets),
    nodes: all(graph, 1).map(readNode),
    initializers: all(graph, 5).map((bytes) => textOf(bytes, 8)),
    inputs: all(graph, 11).map(readValue),
    outputs: all(graph, 12).map(readValue),
  };
}

/**
 * What is wrong with a file's graph, by ONNX's rules: every name is defined once and before it is read, every domain is
 * imported, and reductions have their axes where the opset wants them. Empty when nothing is.
 */
export function faultsOf({ nodes, initializers, inputs, outputs, opsets }: ModelFile): readonly string[] {
  const known = new Set<string>();
  const faults: string[] = [];
  const define = (name: string) => {
    if (known.has(name)) faults.push(`${name} is defined twice`);
    known.add(name);
  };
  for (const name of [...inputs.map((input) => input.name), ...initializers]) define(name);
  for (const { op, domain, attributes, ...node } of nodes) {
    for (const name of node.inputs) if (name && !known.has(name)) faults.push(`${op} reads ${name} before it is made`);
    for (const name of node.outputs) define(name);
    if (!(domain in opsets)) faults.push(`${op} is of '${domain}', which is not imported`);
    const axesInside = attributes.includes('axes');
    if (op.startsWith('Reduce') && axesInside && (opsets[''] ?? 0) >= 18) faults.push(`${op} has an attribute axes`);
  }
  for (const { name } of outputs) if (!known.has(name)) faults.push(`nothing makes the output ${name}`);
  return faults;
}

function readNode(bytes: Uint8Array): FileNode {
  const fields = fieldsOf(bytes);
  return {
    op: textOf(bytes, 4),
    name: textOf(bytes, 3),
    domain: textOf(bytes, 7),
    inputs: all(fields, 1).map(decoded),
    outputs: all(fields, 2).map(decoded),
    attributes: all(fields, 5).map((attribute) => textOf(attribute, 1)),
  };
}

/** `ValueInfoProto` of a tensor */
function readValue(bytes: Uint8Array): FileValue {
  const tensor = firstBytes(fieldsOf(firstBytes(fieldsOf(bytes), 2)), 1);
  const dimensions = all(fieldsOf(firstBytes(fieldsOf(tensor), 2)), 1);
  const shape = dimensions.map((dimension) => textOf(dimension, 2) || integerOf(dimension, 1));
  return { name: textOf(bytes, 1), shape };
}

function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    const empty = new Uint8Array();
    if (wireType === WireType.Varint) fields.push({ number, integer: Number(reader.int64()), bytes: empty });
    else if (wireType === WireType.LengthDelimited) fields.push({ number, integer: 0, bytes: reader.bytes() });
    else reader.skip(wireType, number);
  }
  return fields;
}

function all(fields: readonly Field[], number: number): readonly Uint8Array[] {
  return fields.filter((field) => field.number === number).map(({ bytes }) => bytes);
}

function firstBytes(fields: readonly Field[], number: number): Uint8Array {
  return fields.find((field) => field.number === number)?.bytes ?? new Uint8Array();
}

function textOf(bytes: Uint8Array, number: number): string {
  return decoded(firstBytes(fieldsOf(bytes), number));
}

function integerOf(bytes: Uint8Array, number: number): number {
  return fieldsOf(bytes).find((field) => field.number === number)?.integer ?? 0;
}

function decoded(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
