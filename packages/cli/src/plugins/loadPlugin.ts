import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Plugin, UnlabelError } from '@unlabel/core';
import { z } from 'zod';

/**
 * Imports a third-party plugin: a package installed in the project (or beside this command), or a file by its path.
 * @param name package name, or a path that begins with `.` or `/`
 * @param project the folder whose `node_modules` is searched, and its parents'
 * @throws UnlabelError `PLUGIN_NOT_FOUND`, `PLUGIN_INVALID`
 */
export async function loadPlugin(name: string, project: string): Promise<Plugin> {
  const entry = isPath(name) ? resolve(project, name) : packageEntry(name, project);
  if (entry === undefined || !existsSync(entry)) {
    throw new UnlabelError('PLUGIN_NOT_FOUND', `The plugin '${name}' is not installed in ${project}.`, {
      fix: isPath(name) ? 'Check the path; it is relative to the current folder.' : `Run: npm install ${name}`,
    });
  }
  const loaded: unknown = await import(pathToFileURL(entry).href).catch((cause: unknown) => {
    throw new UnlabelError('PLUGIN_INVALID', `The plugin '${name}' fails while it is imported: ${String(cause)}.`, {
      fix: 'Reinstall it, or tell its author.',
      cause,
    });
  });
  return requirePlugin(name, loaded);
}

const shape = z.object({
  plugin: z.object({
    name: z.string(),
    definitions: z.array(z.object({ kind: z.string(), name: z.string(), contract: z.number(), options: z.unknown() })),
  }),
});

function requirePlugin(name: string, module: unknown): Plugin {
  if (hasPlugin(module)) return module.plugin;
  throw new UnlabelError('PLUGIN_INVALID', `'${name}' has no export 'plugin' made by definePlugin.`, {
    fix: "A plugin package says: export const plugin = definePlugin('its-name', [definitions]).",
  });
}

function hasPlugin(module: unknown): module is { readonly plugin: Plugin } {
  const parsed = shape.safeParse(module);
  return parsed.success && parsed.data.plugin.definitions.every((definition) => isSchema(definition.options));
}

function isSchema(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'safeParse' in value;
}

function isPath(name: string): boolean {
  return name.startsWith('.') || isAbsolute(name);
}

function packageEntry(name: string, project: string): string | undefined {
  const folder = [project, dirname(fileURLToPath(import.meta.url))]
    .map((start) => packageFolder(name, start))
    .find(Boolean);
  if (folder === undefined) return undefined;
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { exports, main } = fields(manifest);
  const target = importTarget(exports) ?? (typeof main === 'string' ? main : 'index.js');
  return join(folder, target);
}

function packageFolder(name: string, start: string): string | undefined {
  const folder = join(start, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return dirname(start) === start ? undefined : packageFolder(name, dirname(start));
}

/** What `import` gets of an `exports` field: its `.` entry, by the conditions that Node sets. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  const conditions = fields(exports);
  const chosen = Object.keys(conditions).find((key) => ['.', 'node', 'import', 'default'].includes(key));
  return chosen === undefined ? undefined : importTarget(conditions[chosen]);
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
