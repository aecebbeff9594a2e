import type { Dataset } from '@unlabel/core';
import { assemble, type RunParts } from './assemble';
import { type EmbeddingMap, embeddingMap } from './embeddingMap';
import type { Notice } from './protocol';
import { mapSamples, requireEnough, type Split, splitSamples, type Watched, watch } from './samples';
import { configOf, type Settings } from './settings';

/** A run that is open: what it is made of, and what is looked at while it trains. */
export interface OpenRun {
  readonly settings: Settings;
  readonly channels: 1 | 3;
  readonly split: Split;
  readonly parts: RunParts;
  readonly bank: Watched;
  readonly heldOut: Watched;
  readonly map: EmbeddingMap;
}

/** Makes what settings name, and tells the page of the samples on the map. @throws UnlabelError of whatever cannot be made */
export async function openRun(
  settings: Settings,
  dataset: Dataset,
  notify: (notice: Notice) => void,
): Promise<OpenRun> {
  requireEnough(dataset);
  const { channels } = await dataset.read(0);
  const split = splitSamples(dataset, settings);
  const parts = await assemble(configOf(settings, channels));
  const bank = await watch(split.bank, parts.plainView);
  const heldOut = await watch(split.heldOut, parts.plainView);
  notify({ type: 'samples', samples: mapSamples([bank, heldOut], dataset.labels?.classes ?? []) });
  const map = embeddingMap([bank, heldOut], (step, points) => notify({ type: 'map', step, points }));
  return { settings, channels, split, parts, bank, heldOut, map };
}

/** The run with other options of its method, where its parts stay what they are. @throws UnlabelError `INVALID_OPTION` */
export async function withSettings(run: OpenRun, settings: Settings): Promise<OpenRun> {
  return { ...run, settings, parts: await assemble(configOf(settings, run.channels)) };
}
