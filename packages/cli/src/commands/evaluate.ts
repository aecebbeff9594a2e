import { UnlabelError } from '@unlabel/core';
import type { Config } from '../config/configSchema';
import { compareWith, evaluationTable } from '../output/evaluationTable';
import { datasetByName } from '../run/datasetByName';
import { measurePixels, openMeasurement } from '../run/measure';
import { openEncoder } from '../run/openEncoder';
import { openRunFolder, type SavedRun } from '../run/runFolder';

/** What `unlabel evaluate` takes. */
export interface EvaluateFlags {
  readonly data?: string;
  readonly set: readonly string[];
}

/** Measures a run's encoder beside raw pixels, on the splits of its config or on other data. */
export async function evaluate(runFolder: string, { data, set }: EvaluateFlags): Promise<void> {
  const run = await openRunFolder(runFolder, set);
  const config = data === undefined ? run.config : withData(run, data);
  const { embedder, plainView, pixelView, dispose } = await openEncoder(run);
  try {
    const measurement = await openMeasurement(run.registry, config);
    if (!measurement) throw noEvaluation();
    const pixels = await measurePixels(measurement, pixelView);
    const encoder = await measurement.measure('trained encoder', plainView, embedder.embed);
    console.log([evaluationTable([pixels, encoder]), '', ...compareWith(pixels, encoder)].join('\n'));
  } finally {
    await dispose();
  }
}

/** Another data set: learn from four fifths of it and measure on the rest. */
function withData({ config, registry }: SavedRun, data: string): Config {
  const dataset = datasetByName(registry, data);
  const { evaluators = ['knn', 'linear-probe'], standardise = false, every = 0 } = config.evaluation ?? {};
  return {
    ...config,
    evaluation: {
      bank: { dataset, share: [0, 0.8] },
      test: { dataset, share: [0.8, 1] },
      evaluators,
      standardise,
      every,
    },
  };
}

function noEvaluation(): UnlabelError {
  return new UnlabelError('CONFIG_INVALID', 'The config of this run has no section evaluation.', {
    fix: 'Name labelled images with --data.',
  });
}
