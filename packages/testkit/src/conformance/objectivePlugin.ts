import { createRegistry, type Definition, type Plugin, type Registry } from '@unlabel/core';
import { type ConformanceCase, requireRefusal, requireThat } from './conformanceCase';
import { type ObjectiveConformanceOptions, objectiveConformance } from './objective';

/**
 * What must hold of every objective that a plugin defines, each by its name and with its `small` options: a summary and a
 * paper, options that are checked, and all of {@link objectiveConformance}. Names of cases and errors begin with the
 * objective's.
 */
export async function objectivePluginConformance(
  plugin: Plugin,
  options: ObjectiveConformanceOptions = {},
): Promise<readonly ConformanceCase[]> {
  const registry = createRegistry([plugin]);
  const cases = registry.definitions('objective').map(async (definition) => {
    const { traits } = definition;
    const held = traits ? { traits, ...options } : options;
    const all = [...definitionCases(registry, definition), ...(await methodCases(registry, definition, held))];
    return all.map((one) => about(definition.name, one));
  });
  return (await Promise.all(cases)).flat();
}

function definitionCases(registry: Registry, definition: Definition): readonly ConformanceCase[] {
  const { name, summary, paper, options, traits } = definition;
  return [
    {
      name: 'has a summary and a paper',
      run: async () => {
        requireThat(summary.endsWith('.'), `The summary is no sentence: '${summary}'.`);
        requireThat(paper !== undefined && paper.citation !== '', 'There is no paper.');
        requireThat(URL.canParse(paper?.url ?? ''), `The paper has no address, but '${paper?.url}'.`);
      },
    },
    {
      name: 'is made by name with the paper’s options, and needs labels if its traits say so',
      run: async () => {
        const made = await registry.make('objective', name);
        requireThat(made.name === name, `The objective of that definition calls itself '${made.name}'.`);
        const needed = made.needs?.includes('labels') ?? false;
        requireThat((traits?.labels ?? false) === needed, `It needs ${needed ? '' : 'no '}labels, unlike its traits.`);
      },
    },
    {
      name: 'refuses options that it does not know, and null for those that it does',
      run: async () => {
        const known = options.toJSONSchema({ io: 'input', unrepresentable: 'any' }).properties ?? {};
        for (const option of ['noSuchOption', ...Object.keys(known)]) {
          const make = () => registry.make('objective', name, { [option]: null });
          await requireRefusal(make, ['INVALID_OPTION'], `${option}: null`);
        }
      },
    },
  ];
}

/** Those of the objective; it may fail before it says what these are. */
async function methodCases(
  registry: Registry,
  { name, small }: Definition,
  options: ObjectiveConformanceOptions,
): Promise<readonly ConformanceCase[]> {
  try {
    return objectiveConformance(await registry.make('objective', name, small), options);
  } catch (error) {
    return [{ name: 'binds an encoder with its small options', run: () => Promise.reject(error) }];
  }
}

function about(objective: string, { name, run }: ConformanceCase): ConformanceCase {
  return {
    name: `${objective}: ${name}`,
    run: async () => {
      try {
        await run();
      } catch (cause) {
        throw new Error(`${objective}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
      }
    },
  };
}
