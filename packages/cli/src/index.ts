export { type Config, type ConfigInput, configSchema, type NamedPart } from './config/configSchema';
export { configJsonSchema } from './config/jsonSchema';
export { type LoadConfigOptions, type LoadedConfig, loadConfig, parseConfig } from './config/loadConfig';
export { loadRegistry } from './plugins/registry';
export type { Measured } from './run/measure';
export { type RunConfigOptions, type RunResult, runConfig } from './run/runConfig';
