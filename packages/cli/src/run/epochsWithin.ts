import type { LoadedConfig } from '../config/loadConfig';
import { assemble } from './assemble';
import { openBackend } from './openBackend';
import { train } from './train';

const trialSteps = 12;

/**
 * How many epochs of a config fit into a time on this machine, at least one: measured over a few steps that are then
 * thrown away, so that the run itself has a fixed length and can be repeated.
 */
export async function epochsWithin(loaded: LoadedConfig, seconds: number): Promise<number> {
  const { config, registry } = loaded;
  const parts = await assemble(loaded);
  const backend = await openBackend(registry, config.backend);
  const trial = new AbortController();
  const rates: number[] = [];
  try {
    await train(config, parts, {
      backend,
      signal: trial.signal,
      onEvent: (event) => {
        if (event.type === 'step') rates.push(event.samplesPerSecond);
        if (rates.length >= trialSteps) trial.abort();
      },
    });
  } finally {
    await backend.session.dispose();
  }
  const rate = rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 1;
  return Math.max(1, Math.floor((seconds * rate) / parts.dataset.length));
}
