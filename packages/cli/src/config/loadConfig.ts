import { readFile } from 'node:fs/promises';
import { type Kind, type Registry, UnlabelError } from '@unlabel/core';
import { parseDocument } from 'yaml';
import { loadRegistry } from '../plugins/registry';
import { type Config, configSchema, evaluatorOf, type NamedPart, partOf } from './configSchema';
import { explainIssues, unknownKeys } from './explainIssues';
import { applyOverrides } from './overrides';

/** A config, and the registry that knows every name in it. */
export interface LoadedConfig {
  readonly config: Config;
  readonly registry: Registry;
}

/** How to read a config. */
export interface LoadConfigOptions {
  /** Assignments such as `training.epochs=5`, applied over the file. */ readonly set?: readonly string[];
  /** The folder whose installed packages `plugins` names (default: the current one). */ readonly project?: string;
}

/**
 * Reads a YAML (or JSON) config file and checks all of it before anything runs.
 * @throws UnlabelError `CONFIG_INVALID` with every fault found, `UNKNOWN_NAME`, `PLUGIN_NOT_FOUND`, `PLUGIN_INVALID`
 */
export async function loadConfig(path: string, options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UnlabelError('CONFIG_INVALID', `The config file ${path} cannot be read.`, {
      fix: 'Name a YAML file; the README of @unlabel/cli has an example.',
      cause,
    });
  });
  return parseConfig(text, path, options);
}

/** The same for a config that is already in memory. @param source what to call it in messages */
export async function parseConfig(
  text: string,
  source: string,
  options: LoadConfigOptions = {},
): Promise<LoadedConfig> {
  const { set = [], project } = options;
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new UnlabelError('CONFIG_INVALID', `${source} is not YAML: ${fault.message}`);
  return checkConfig(applyOverrides(document.toJS(), set), source, project);
}

/** Checks sections, then plugins, then the options of every named part. */
async function checkConfig(value: unknown, source: string, project?: string): Promise<LoadedConfig> {
  const parsed = configSchema.safeParse(value ?? {});
  if (!parsed.success) throw invalid(source, explainIssues(parsed.error.issues, configSchema, value));
  const config = parsed.data;
  const registry = await loadRegistry(config.plugins, project);
  const faults = namedParts(config).flatMap(({ kind, part, at }) => partFaults(registry, kind, part, at));
  if (faults.length > 0) throw invalid(source, faults);
  return { config, registry };
}

function partFaults(registry: Registry, kind: Kind, part: NamedPart, at: string): readonly string[] {
  const { name, options } = partOf(part);
  const schema = registry.find(kind, name).options;
  const unknown = unknownKeys(options, schema, at);
  if (unknown.length > 0) return unknown;
  const parsed = schema.safeParse(options);
  const issues = parsed.success ? [] : parsed.error.issues.filter((issue) => !isSupplied(issue.path[0], options));
  return explainIssues(issues, schema, options, at);
}

/** The run gives encoders the shape of the views where the config does not. */
function isSupplied(key: PropertyKey | undefined, options: Readonly<Record<string, unknown>>): boolean {
  return key === 'inputShape' && !('inputShape' in options);
}

/** Every named part of a config with its kind and place. */
function namedParts(config: Config): readonly { kind: Kind; part: NamedPart; at: string }[] {
  const { data, views, encoder, objective, optimizer, backend, evaluation } = config;
  const evaluators = evaluation?.evaluators ?? [];
  return [
    { kind: 'dataset' as const, part: data.dataset, at: 'data.dataset' },
    { kind: 'augmentation' as const, part: views, at: 'views' },
    { kind: 'encoder' as const, part: encoder, at: 'encoder' },
    { kind: 'objective' as const, part: objective, at: 'objective' },
    { kind: 'optimizer' as const, part: optimizer, at: 'optimizer' },
    ...(partOf(backend).name === 'auto' ? [] : [{ kind: 'backend' as const, part: backend, at: 'backend' }]),
    ...evaluators.map((part, index) => {
      const { name, options } = evaluatorOf(part);
      return { kind: 'evaluator' as const, part: { ...options, name }, at: `evaluation.evaluators.${index}` };
    }),
    ...datasetsOf(evaluation),
  ];
}

function datasetsOf(evaluation: Config['evaluation']): readonly { kind: 'dataset'; part: NamedPart; at: string }[] {
  return (['bank', 'test'] as const).flatMap((at) => {
    const part = evaluation?.[at].dataset;
    return part === undefined ? [] : [{ kind: 'dataset', part, at: `evaluation.${at}.dataset` }];
  });
}

function invalid(source: string, faults: readonly string[]): UnlabelError {
  const what = faults.length === 1 ? ` ${faults[0]}` : `\n${faults.map((fault) => `  - ${fault}`).join('\n')}`;
  return new UnlabelError('CONFIG_INVALID', `${source}:${what}`, { fix: '`unlabel schema` prints every key.' });
}
