import { availableParallelism, totalmem } from 'node:os';
import type { Availability } from '@unlabel/core';
import manifest from '../../package.json' with { type: 'json' };
import { formatTable } from '../output/table';
import { loadRegistry } from '../plugins/registry';

/** Prints what this machine is and, for each backend, whether it works here or how to get it. */
export async function doctor(): Promise<void> {
  const registry = await loadRegistry();
  const probes = await Promise.all(
    registry.definitions('backend').map(async ({ name }) => {
      const backend = await registry.make('backend', name);
      return { name, availability: await backend.probe() };
    }),
  );
  const rows = probes.map(({ name, availability }) => [
    name,
    availability.available ? 'yes' : 'no',
    explain(availability),
  ]);
  console.log(machine());
  console.log(`\n${formatTable([{ title: 'backend' }, { title: 'works' }, { title: 'detail' }], rows)}`);
  for (const { name, availability } of probes) {
    if (!availability.available) console.log(`\nTo get ${name}: ${availability.fix}`);
  }
}

function machine(): string {
  const memory = (totalmem() / 2 ** 30).toFixed(1);
  return [
    `unlabel ${manifest.version}`,
    `Node ${process.versions.node} (${process.platform} ${process.arch})`,
    `${availableParallelism()} cores, ${memory} GiB memory`,
  ].join('\n');
}

function explain(availability: Availability): string {
  return availability.available ? availability.detail : availability.reason;
}
