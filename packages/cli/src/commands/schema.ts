import { configJsonSchema } from '../config/jsonSchema';
import { loadRegistry } from '../plugins/registry';

/** What `unlabel schema` takes. */
export interface SchemaFlags {
  readonly plugin?: readonly string[];
}

/** Prints the JSON Schema of config files with every name and option of the loaded plugins. */
export async function schema({ plugin = [] }: SchemaFlags): Promise<void> {
  console.log(JSON.stringify(configJsonSchema(await loadRegistry(plugin)), undefined, 2));
}
