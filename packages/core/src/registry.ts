import { z } from 'zod';
import { UnlabelError } from './errors';
import { contractVersion, type Definition, type Kind, type Plugin, type Products } from './plugin';

type DefinitionsOf<Plugins extends readonly Plugin[]> = Plugins[number]['definitions'][number];
type OfKind<D extends Definition, K extends Kind> = Extract<D, { readonly kind: K }>;
type Named<D extends Definition, Name extends string> = Extract<D, { readonly name: Name }>;
type OptionsOf<D extends Definition> = D extends { readonly options: infer Options extends z.ZodType }
  ? z.input<Options>
  : never;

/** Makes one kind of product by name; names and options are those of the registry's plugins. */
export type Maker<D extends Definition, K extends Kind> = <Name extends OfKind<D, K>['name']>(
  name: Name,
  options?: OptionsOf<Named<OfKind<D, K>, Name>>,
) => Promise<Products[K]>;

/** Definitions by kind and name, with one method per kind that makes the thing. */
export type Registry<D extends Definition = Definition> = {
  readonly [K in Kind]: Maker<D, K>;
} & {
  readonly plugins: readonly Plugin[];
  /** Every definition, or those of one kind. */
  definitions(kind?: Kind): readonly Definition[];
  /** The definition of that name. @throws UnlabelError `UNKNOWN_NAME`, with the nearest name */
  find<K extends Kind>(kind: K, name: string): Definition<K>;
  /** For names and options that come from a file: both are checked at run time. @throws UnlabelError `UNKNOWN_NAME`, `INVALID_OPTION` */
  make<K extends Kind>(kind: K, name: string, options?: unknown): Promise<Products[K]>;
};

/**
 * Collects the definitions of plugins. A registry is a value: make as many as you like, and nest one by spreading its
 * `plugins`.
 * @throws UnlabelError `DUPLICATE_NAME`, `CONTRACT_UNSUPPORTED`
 */
export function createRegistry<const Plugins extends readonly Plugin[]>(
  plugins: Plugins,
): Registry<DefinitionsOf<Plugins>> {
  const owners = new Map<string, { readonly owner: string; readonly definition: Definition }>();
  for (const plugin of plugins) {
    for (const definition of plugin.definitions) add(owners, plugin.name, definition);
  }
  const definitions = (kind?: Kind) =>
    [...owners.values()].map((entry) => entry.definition).filter((definition) => !kind || definition.kind === kind);
  const find = <K extends Kind>(kind: K, name: string): Definition<K> => {
    const definition = owners.get(`${kind} ${name}`)?.definition;
    if (!definition || !isKind(definition, kind)) throw unknownName(kind, name, definitions(kind));
    return definition;
  };
  const make = async <K extends Kind>(kind: K, name: string, options: unknown = {}): Promise<Products[K]> => {
    const definition = find(kind, name);
    const factory = await definition.load();
    return factory(parseOptions(definition, options));
  };
  const maker =
    <K extends Kind>(kind: K) =>
    (name: string, options?: unknown) =>
      make(kind, name, options);
  return {
    plugins,
    definitions,
    find,
    make,
    backend: maker('backend'),
    objective: maker('objective'),
    augmentation: maker('augmentation'),
    encoder: maker('encoder'),
    dataset: maker('dataset'),
    evaluator: maker('evaluator'),
    callback: maker('callback'),
    optimizer: maker('optimizer'),
  };
}

/** Validates options against a definition's schema and fills in defaults. @throws UnlabelError `INVALID_OPTION` */
export function parseOptions<Options extends z.ZodType>(
  definition: Pick<Definition<Kind, string, Options>, 'kind' | 'name' | 'options'>,
  options: unknown,
): z.output<Options> {
  const parsed = definition.options.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new UnlabelError(
    'INVALID_OPTION',
    `Options of ${definition.kind} '${definition.name}': ${z.prettifyError(parsed.error)}`,
    {
      fix: `\`unlabel list ${definition.kind} ${definition.name}\` shows the options.`,
    },
  );
}

/** The candidate nearest to `name` by edits, or `undefined` when none is near. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near && near.distance <= Math.max(2, name.length / 2) ? near.candidate : undefined;
}

function add(
  owners: Map<string, { owner: string; definition: Definition }>,
  owner: string,
  definition: Definition,
): void {
  if (definition.contract !== contractVersion) {
    throw new UnlabelError(
      'CONTRACT_UNSUPPORTED',
      `${owner} defines ${definition.kind} '${definition.name}' for plugin contract ${definition.contract}; this @unlabel/core speaks ${contractVersion}.`,
      { fix: definition.contract > contractVersion ? 'Upgrade @unlabel/core.' : `Upgrade ${owner}.` },
    );
  }
  const key = `${definition.kind} ${definition.name}`;
  const other = owners.get(key);
  if (other) {
    throw new UnlabelError(
      'DUPLICATE_NAME',
      `Both ${other.owner} and ${owner} define ${definition.kind} '${definition.name}'.`,
      { fix: 'Leave one of the two plugins out, or rename the definition: { ...definition, name }.' },
    );
  }
  owners.set(key, { owner, definition });
}

function isKind<K extends Kind>(definition: Definition, kind: K): definition is Definition<K> {
  return definition.kind === kind;
}

function unknownName(kind: Kind, name: string, known: readonly Definition[]): UnlabelError {
  const names = known.map((definition) => definition.name);
  const nearest = nearestName(name, names);
  return new UnlabelError('UNKNOWN_NAME', `There is no ${kind} '${name}'.`, {
    fix: nearest ? `Did you mean '${nearest}'?` : `Known: ${names.join(', ') || 'none; is its plugin listed?'}.`,
  });
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
