import type { Definition, Registry } from '@unlabel/core';
import { z } from 'zod';
import { configSchema } from './configSchema';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of config files: each named part is one of the registry's names, with that name's own options. */
export function configJsonSchema(registry: Registry): JsonSchema {
  return z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      const { kind } = jsonSchema;
      const definitions = registry.definitions().filter((definition) => definition.kind === kind);
      if (kind === undefined) return;
      delete jsonSchema.kind;
      Object.assign(jsonSchema, { anyOf: choices(definitions, kind === 'backend' ? ['auto'] : []) });
    },
  });
}

function choices(definitions: readonly Definition[], reserved: readonly string[]): JsonSchema[] {
  const names = { enum: [...reserved, ...definitions.map(({ name }) => name)] };
  return [names, ...definitions.map(withOptions)];
}

function withOptions({ kind, name, summary, options }: Definition): JsonSchema {
  const { properties = {}, required = [] } = optionsJsonSchema(options);
  return {
    type: 'object',
    description: summary,
    properties: { name: { const: name }, ...(kind === 'evaluator' && { title: { type: 'string' } }), ...properties },
    required: ['name', ...required.filter((key) => key !== 'inputShape')], // the run supplies the views' shape
    additionalProperties: false,
  };
}

/** The JSON Schema of a definition's options, as they are written. */
export function optionsJsonSchema(options: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
}
