import { type BackendSession, UnlabelError, type ViewPipeline } from '@unlabel/core';
import type { Config } from '../config/configSchema';
import { compareWith, evaluationTable, evaluationVerdicts, evaluationWarnings } from '../output/evaluationTable';
import { assemble } from '../run/assemble';
import { datasetByName } from '../run/datasetByName';
import type { Embed } from '../run/embedImages';
import { type Measured, type Measurement, measurePixels, openMeasurement } from '../run/measure';
import { openEncoder } from '../run/openEncoder';
import { openRunFolder, readCheckpoint, type SavedRun } from '../run/runFolder';
import { openProjector } from '../run/train';

/** What `unlabel evaluate` takes. */
export interface EvaluateFlags {
  readonly data?: string;
  readonly set: readonly string[];
  /** One of the run's checkpoints instead of its end. */ readonly checkpoint?: string;
  /** Measure what the loss saw, too. */ readonly projections?: boolean;
}

/** Measures a run's encoder beside raw pixels, on the splits of its config or on other data. */
export async function evaluate(
  runFolder: string,
  { data, set, checkpoint, projections }: EvaluateFlags,
): Promise<void> {
  const run = await openRunFolder(runFolder, set);
  const config = data === undefined ? run.config : withData(run, data);
  const { embedder, plainView, pixelView, session, dispose, ...network } = await openEncoder(run, checkpoint);
  try {
    const measurement = await openMeasurement(run.registry, config);
    if (!measurement) throw noEvaluation();
    const pixels = await measurePixels(measurement, pixelView);
    const encoder = await measurement.measure('trained encoder', plainView, embedder.embed, {
      ...network,
      session,
    });
    const seen = projections ? [await measureProjections(run, measurement, plainView, session, checkpoint)] : [];
    const rows = [pixels, encoder, ...seen];
    const words = [...compareWith(pixels, encoder), ...evaluationVerdicts(rows), ...evaluationWarnings(rows)];
    console.log([evaluationTable(rows), '', ...words].join('\n'));
  } finally {
    await dispose();
  }
}

/** What the loss saw: the projections by the networks of a checkpoint, the last unless another is named. */
async function measureProjections(
  run: SavedRun,
  measurement: Measurement,
  view: ViewPipeline,
  session: BackendSession,
  checkpoint = 'last',
): Promise<Measured> {
  const saved = await readCheckpoint(run.store, checkpoint);
  const projector = await openProjector(run.config, await assemble(run), session, saved);
  try {
    const project: Embed = async (inputs, count) => (await projector.project(inputs, count)).features;
    return await measurement.measure('projections', view, project);
  } finally {
    projector.dispose();
  }
}

/** Another data set: learn from four fifths of it and measure on the rest. */
function withData({ config, registry }: SavedRun, data: string): Config {
  const dataset = datasetByName(registry, data);
  const { evaluators = ['knn', 'linear-probe'], standardise = false, every = 0, online = [] } = config.evaluation ?? {};
  return {
    ...config,
    evaluation: {
      bank: { dataset, share: [0, 0.8] },
      test: { dataset, share: [0.8, 1] },
      evaluators,
      standardise,
      every,
      online,
    },
  };
}

function noEvaluation(): UnlabelError {
  return new UnlabelError('CONFIG_INVALID', 'The config of this run has no section evaluation.', {
    fix: 'Name labelled images with --data.',
  });
}
