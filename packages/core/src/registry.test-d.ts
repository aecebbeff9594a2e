import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Backend } from './backend';
import { cpu } from './backends/cpu';
import type { Objective } from './objective';
import { define, definePlugin } from './plugin';
import { createRegistry } from './registry';

declare const make: Objective;

const first = definePlugin('first', [
  define({
    kind: 'objective',
    name: 'simclr',
    summary: '',
    options: z.object({ temperature: z.number().default(0.5), symmetric: z.boolean() }),
    load: async () => (options) => {
      expectTypeOf(options).toEqualTypeOf<{ temperature: number; symmetric: boolean }>();
      return make;
    },
  }),
  define({ kind: 'backend', name: 'cpu', summary: '', options: z.object({}), load: async () => () => cpu() }),
]);

const second = definePlugin('second', [
  define({ kind: 'objective', name: 'vicreg', summary: '', options: z.object({}), load: async () => () => make }),
]);

test('names and options of all plugins accumulate, by kind', () => {
  const registry = createRegistry([first, second]);
  expectTypeOf(registry.objective).parameter(0).toEqualTypeOf<'simclr' | 'vicreg'>();
  expectTypeOf(registry.backend).parameter(0).toEqualTypeOf<'cpu'>();
  expectTypeOf(registry.objective('simclr', { symmetric: true })).resolves.toEqualTypeOf<Objective>();
  expectTypeOf(registry.backend('cpu')).resolves.toEqualTypeOf<Backend>();
  // @ts-expect-error no plugin defines it
  registry.objective('byol');
  // @ts-expect-error the option is a number
  registry.objective('simclr', { temperature: 'hot', symmetric: true });
  // @ts-expect-error a backend is not an objective
  registry.objective('cpu');
});

test('nested registries keep their types', () => {
  const inner = createRegistry([second]);
  expectTypeOf(inner.objective).parameter(0).toEqualTypeOf<'vicreg'>();
});

test('a product of the wrong kind does not compile', () => {
  define({
    kind: 'objective',
    name: 'wrong',
    summary: '',
    options: z.object({}),
    // @ts-expect-error a backend is not an objective
    load: async () => () => cpu(),
  });
});

test('only objectives have traits', () => {
  const traits = { capture: true, memory: 'two dim² covariances' };
  define({ kind: 'objective', name: 'one', summary: '', options: z.object({}), traits, load: async () => () => make });
  // @ts-expect-error a backend has none
  define({ kind: 'backend', name: 'two', summary: '', options: z.object({}), traits, load: async () => () => cpu() });
});
