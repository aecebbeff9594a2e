/** Where in the step a tfjs op was called. */
export interface Site {
  /** The public op, such as `tf.dropout`, when the stack shows one. */ readonly op: string | undefined;
  /** `file:line:column` of the first caller outside tfjs and this backend. */ readonly line: string | undefined;
}

const ownFolder = folderOf(import.meta.url);

/** Reads the current stack. tfjs wraps each public op in a function named `<op>__op`. */
export function currentSite(): Site {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  const op = frames.map((frame) => /(\w+)__op/.exec(frame)?.[1]).find((name) => name !== undefined);
  const line = frames.find((frame) => !isInternal(frame))?.match(/\(?((?:file:\/\/)?\/?[^\s()]+:\d+:\d+)\)?$/)?.[1];
  return { op: op && `tf.${op}`, line: line?.replace('file://', '') };
}

/** Every public op on the stack, the innermost first. */
export function opsOnStack(): readonly string[] {
  return [...(new Error().stack ?? '').matchAll(/(\w+)__op/g)].map((match) => match[1] ?? '');
}

/** The site as the end of a sentence. */
export function describeSite({ line }: Site): string {
  return line === undefined ? '' : `, at ${line}`;
}

function isInternal(frame: string): boolean {
  return (
    /@tensorflow|tfjs-core|register_all_gradients|node:internal|<anonymous>/.test(frame) || frame.includes(ownFolder)
  );
}

function folderOf(url: string): string {
  return url.replace('file://', '').replace(/[^/]*$/, '');
}
