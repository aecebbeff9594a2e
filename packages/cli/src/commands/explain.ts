import {
  type ExplainOptions,
  explain as explainStep,
  microBatchBytes,
  requirePassNames,
  stepTarget,
} from '@unlabel/backend-onnx';
import { type NamedPart, partOf } from '../config/configSchema';
import { loadConfig } from '../config/loadConfig';
import { assemble } from '../run/assemble';
import { stepsOf } from '../run/train';

/** What `unlabel explain` takes. */
export interface ExplainFlags {
  readonly set: readonly string[];
  /** The graph to print beneath the tables: `before`, `after`, or what a pass left. */ readonly print?: string;
  /** Passes to leave out, beside those that the config leaves out. */ readonly without?: readonly string[];
}

/** Prints what the ONNX backend makes of a config's training step; nothing is trained. */
export async function explain(path: string, { set, print, without = [] }: ExplainFlags): Promise<void> {
  const loaded = await loadConfig(path, { set });
  const graph = graphNamed(print);
  const leftOut = [...without, ...leftOutBy(loaded.config.backend)];
  requirePassNames(leftOut);
  const { provider } = partOf(loaded.config.backend).options;
  const target = await stepTarget(provider === undefined ? undefined : String(provider));
  const { update, signature } = await stepsOf(
    loaded.config,
    await assemble(loaded),
    target.portable ? {} : { microBatchBytes },
  );
  console.log(explainStep(update, signature, { without: leftOut, ...target, ...(graph && { print: graph }) }).text);
}

function graphNamed(name: string | undefined): ExplainOptions['print'] {
  if (name === undefined || name === 'before' || name === 'after') return name;
  const names = [name];
  requirePassNames(names);
  return names[0];
}

function leftOutBy(backend: NamedPart): readonly string[] {
  const { without } = partOf(backend).options;
  return Array.isArray(without) ? without.map(String) : [];
}
