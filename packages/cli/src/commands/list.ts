import { type Definition, type Kind, type ObjectiveTraits, UnlabelError } from '@unlabel/core';
import { optionsJsonSchema } from '../config/jsonSchema';
import { formatTable } from '../output/table';
import { loadRegistry } from '../plugins/registry';

/** What `unlabel list` takes. */
export interface ListFlags {
  readonly plugin?: readonly string[];
  readonly json?: boolean;
}

const kinds: readonly Kind[] = [
  'backend',
  'objective',
  'augmentation',
  'encoder',
  'dataset',
  'evaluator',
  'callback',
  'optimizer',
];

/** Prints what the loaded plugins offer: everything, one kind, or one definition with its options. */
export async function list(kind: string | undefined, name: string | undefined, flags: ListFlags): Promise<void> {
  const { plugin = [], json = false } = flags;
  const registry = await loadRegistry(plugin);
  const wanted = kind === undefined ? undefined : requireKind(kind);
  const definitions = wanted && name !== undefined ? [registry.find(wanted, name)] : registry.definitions(wanted);
  if (json) console.log(JSON.stringify(definitions.map(asJson), undefined, 2));
  else console.log(name === undefined ? overview(definitions) : definitions.map(details).join('\n\n'));
}

function requireKind(kind: string): Kind {
  const known = kinds.find((candidate) => candidate === kind || `${candidate}s` === kind);
  if (known) return known;
  throw new UnlabelError('UNKNOWN_NAME', `There is no kind of plugin '${kind}'.`, {
    fix: `Kinds: ${kinds.join(', ')}.`,
  });
}

function overview(definitions: readonly Definition[]): string {
  const rows = kinds.flatMap((kind) =>
    definitions.filter((definition) => definition.kind === kind).map(({ name, summary }) => [kind, name, summary]),
  );
  return formatTable([{ title: 'kind' }, { title: 'name' }, { title: 'what it is' }], rows);
}

function details(definition: Definition): string {
  const { kind, name, summary, paper, traits } = definition;
  const { properties = {}, required = [] } = optionsJsonSchema(definition.options);
  const rows = Object.entries(properties).map(([option, property]) => {
    const { description = '', default: fallback } = typeof property === 'object' ? property : {};
    const value = required.includes(option) ? 'required' : fallback === undefined ? '' : JSON.stringify(fallback);
    return [option, typeOf(property), value, description];
  });
  const columns = ['option', 'type', 'default', 'meaning'].map((title) => ({ title }));
  return [
    `${kind} ${name}: ${summary}`,
    ...(paper ? [`${paper.citation} ${paper.url}`] : []),
    ...(traits ? [needs(traits)] : []),
    rows.length > 0 ? `\n${formatTable(columns, rows)}` : 'It has no options.',
  ].join('\n');
}

/** What an objective takes and costs, in a sentence or two. */
function needs({
  capture,
  memory,
  encoder,
  views = 'pair',
  modality = 'image',
  labels = false,
}: ObjectiveTraits): string {
  const seen = { one: 'one view', pair: 'two views or more', 'multi-crop': 'global and local views' }[views];
  const takes = [
    modality === 'image' ? `Takes ${seen} of an image` : `Takes ${modality}`,
    ...(labels ? ['labels'] : []),
    ...(encoder === 'tokens' ? ['an encoder with tokens'] : []),
  ];
  return `${takes.join(', ')}. Holds ${memory}. Steps ${capture ? 'can' : 'cannot'} be captured.`;
}

function typeOf(property: unknown): string {
  if (typeof property !== 'object' || property === null) return 'any';
  if ('enum' in property && Array.isArray(property.enum)) return property.enum.join(' | ');
  if ('const' in property) return JSON.stringify(property.const);
  if ('anyOf' in property && Array.isArray(property.anyOf)) return property.anyOf.map(typeOf).join(' | ');
  return 'type' in property ? String(property.type) : 'any';
}

function asJson({ kind, name, summary, paper, traits, options }: Definition): object {
  return { kind, name, summary, paper, traits, options: optionsJsonSchema(options) };
}
