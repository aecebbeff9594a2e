import { type PortableReference, UnlabelError } from '@unlabel/core';

/** A reference to one of this package's factories, in their built module: a thread cannot load TypeScript. */
export function portable(factory: string, options: unknown): PortableReference {
  const built = import.meta.url.endsWith('.ts') ? '../dist/factories.js' : './factories.js';
  return { module: new URL(built, import.meta.url).href, factory, options };
}

/** Imports a reference's module and calls its factory. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuild<Part>({ module, factory, options }: PortableReference): Promise<Part> {
  const exported: Readonly<Record<string, ((options: unknown) => Part | Promise<Part>) | undefined>> = await import(
    /* @vite-ignore */ module
  );
  const make = exported[factory];
  if (!make) {
    throw new UnlabelError('PLUGIN_INVALID', `${module} exports no '${factory}', which a portable reference names.`, {
      fix: 'Export the factory from that module.',
    });
  }
  return make(options);
}
