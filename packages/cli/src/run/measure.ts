import {
  type Dataset,
  type EvaluationNotes,
  type Evaluator,
  evaluationNotes,
  type LabelledFeatures,
  type Registry,
  UnlabelError,
  type ViewFeatures,
  type ViewPipeline,
  type ViewsWanted,
} from '@unlabel/core';
import { featureStd, rankMe, standardiser } from '@unlabel/eval';
import { type Config, evaluatorOf, type NamedPart, partOf } from '../config/configSchema';
import { optionsJsonSchema } from '../config/jsonSchema';
import { type Embed, embedImages, type ImageFeatures, rawPixels } from './embedImages';
import { embedViews } from './embedViews';
import { evaluatedNetwork, type MeasuredNetwork } from './evaluatedNetwork';
import { openSamples } from './samples';

/** One representation's figures, by the title of the evaluator, then by the figure's name. */
export interface Measured {
  /** What was measured, such as `raw pixels`. */ readonly features: string;
  readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Details, warnings and verdicts, by the title of the evaluator. */ readonly notes: Readonly<
    Record<string, EvaluationNotes>
  >;
  /** How the features of the test split lie; missing for raw pixels. */ readonly geometry?: FeatureGeometry;
  /** Samples in the test split. */ readonly testCount: number;
  /** Names of images of both splits that could not be read. */ readonly unreadable: readonly string[];
}

/** RankMe and spread of features `[count, dim]`. */
export interface FeatureGeometry {
  readonly rankMe: number;
  readonly featureStd: number;
  readonly count: number;
  readonly dim: number;
}

/** Measures representations on one split with one set of evaluators. */
export interface Measurement {
  readonly bank: Dataset;
  readonly test: Dataset;
  /**
   * @param view what `embed` is shown of an image
   * @param network what embeds, for evaluators that train it; without it, they are passed over
   */
  measure(features: string, view: ViewPipeline, embed: Embed, network?: MeasuredNetwork): Promise<Measured>;
}

/**
 * Opens the labelled splits and evaluators of a config; `undefined` where it asks for no evaluation.
 * @param signal ends `measure` before the next evaluator, or within one that trains
 * @throws UnlabelError `DATASET_NOT_FOUND`, `INVALID_OPTION`; from `measure`, `LABELS_MISSING`, `LABELS_MISMATCH`, `ABORTED`
 */
export async function openMeasurement(
  registry: Registry,
  config: Config,
  signal?: AbortSignal,
): Promise<Measurement | undefined> {
  const { data, evaluation, training } = config;
  if (!evaluation) return undefined;
  const bank = await openSamples(registry, { dataset: data.dataset, ...evaluation.bank });
  const test = await openSamples(registry, { dataset: data.dataset, ...evaluation.test });
  const evaluators = await Promise.all(evaluation.evaluators.map((part) => makeEvaluator(registry, part)));
  const viewsOf = async (view: ViewPipeline, embed: Embed, wanted: ViewsWanted) => {
    const inputShape = view.outputs['views/0']?.shape ?? [];
    const pipeline = await trainingViews(registry, config, inputShape);
    return embedViews(test, pipeline, { embed, inputShape }, wanted);
  };
  return {
    bank,
    test,
    measure: async (features, view, embed, measured) => {
      const ofBank = await embedImages(bank, view, embed);
      const ofTest = await embedImages(test, view, embed);
      const [known, asked] = [labelled(ofBank, bank), labelled(ofTest, test)];
      const scaled = evaluation.standardise ? standardiser(known) : (same: LabelledFeatures) => same;
      const [learnt, held] = [scaled(known), scaled(asked)];
      const splits = {
        bank: { dataset: bank, indices: ofBank.indices },
        test: { dataset: test, indices: ofTest.indices },
      };
      const network = measured && evaluatedNetwork(registry, { ...measured, ...(signal && { signal }) }, view, splits);
      const figures: Record<string, Readonly<Record<string, number>>> = {};
      const notes: Record<string, EvaluationNotes> = {};
      for (const { title, evaluator } of evaluators) {
        if (signal?.aborted) throw ended();
        if (evaluator.views && embed === rawPixels) continue; // of too many dimensions, and of no use to compare
        if (evaluator.trainsNetwork && !network) continue;
        const own = evaluationNotes();
        const seen = evaluator.views && scaledViews(await viewsOf(view, embed, evaluator.views), scaled);
        figures[title] = await evaluator.evaluate(learnt, held, training.seed, own, seen, network);
        notes[title] = own;
      }
      const geometry = embed === rawPixels ? undefined : geometryOf(asked);
      return {
        features,
        figures,
        notes,
        ...(geometry && { geometry }),
        testCount: held.count,
        unreadable: [...ofBank.unreadable, ...ofTest.unreadable],
      };
    },
  };
}

function ended(): UnlabelError {
  return new UnlabelError('ABORTED', 'The measurement was ended before it was done.', {
    fix: 'Resume the run to measure it.',
  });
}

/** The views of training, at the size that the encoder is measured at where the recipe has one. */
function trainingViews(
  registry: Registry,
  { views }: Config,
  [size]: readonly (number | undefined)[],
): Promise<ViewPipeline> {
  const { name, options } = partOf(views);
  const { properties = {} } = optionsJsonSchema(registry.find('augmentation', name).options);
  return registry.make('augmentation', name, { ...options, ...('size' in properties && { size }) });
}

/** Views in the units of the rows that they are measured beside. */
function scaledViews(seen: ViewFeatures, scale: (rows: LabelledFeatures) => LabelledFeatures): ViewFeatures {
  const { features, objects, views, dim } = seen;
  const rows = { features, count: objects * views, dim, labels: new Int32Array(), classes: 0 };
  return { ...seen, features: scale(rows).features };
}

/** Of 2,000 rows at most: the figures have settled by then. */
function geometryOf({ features, count, dim }: LabelledFeatures): FeatureGeometry {
  const rows = Math.min(count, 2000);
  const part = { features: features.subarray(0, rows * dim), count: rows, dim };
  return { rankMe: rankMe(part), featureStd: featureStd(part), count: rows, dim };
}

async function makeEvaluator(registry: Registry, part: NamedPart): Promise<{ title: string; evaluator: Evaluator }> {
  const { name, options, title } = evaluatorOf(part);
  return { title, evaluator: await registry.make('evaluator', name, options) };
}

function labelled({ features, dim, indices }: ImageFeatures, dataset: Dataset): LabelledFeatures {
  const { labels } = dataset;
  return {
    features,
    dim,
    count: indices.length,
    labels: labels ? indices.map((index) => labels.values[index] ?? -1) : new Int32Array(),
    classes: labels?.classes.length ?? 0,
  };
}

/** The pixels themselves: what an encoder must beat. */
export function measurePixels(measurement: Measurement, view: ViewPipeline): Promise<Measured> {
  const [height, width] = view.outputs['views/0']?.shape ?? [];
  return measurement.measure(`raw pixels, ${height} × ${width}`, view, rawPixels);
}
