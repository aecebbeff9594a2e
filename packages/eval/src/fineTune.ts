import {
  adamw,
  type BackendSession,
  type BatchSource,
  cosineSchedule,
  createEmbedder,
  type Encoder,
  type HostTensors,
  layerwiseDecay,
  pretrain,
  UnlabelError,
  undecayedVectors,
} from '@unlabel/core';
import { type Classification, classificationOf, rankClasses, rankingDepth } from './classification';
import { classifierOf, supervised } from './classifier';
import type { LabelledInputs } from './labelledInputs';

/** What a supervised training is made of. The same recipe serves a pretrained encoder and the baseline. */
export interface SupervisedOptions {
  readonly encoder: Encoder;
  /** An open backend; it stays open. */ readonly session: BackendSession;
  /**
   * One augmented view of each labelled sample, with labels: a loader of `@unlabel/data` with `labels: true`, or
   * `labelledBatches`. Give the baseline the augmentation of the method: flips and crops are worth points.
   */
  readonly batches: BatchSource;
  /** What the classifier is measured on. */ readonly test: LabelledInputs;
  /** Samples held out of training, by which the best of several learning rates and weight decays is chosen. */
  readonly validation?: LabelledInputs;
  /** η at the top of a cosine, > 0; several are tried (default 1e-3). */
  readonly learningRate?: number | readonly number[];
  /** λ of AdamW, ≥ 0; several are tried (default 0.05). */ readonly weightDecay?: number | readonly number[];
  /** Passes over the samples (default 50). */ readonly epochs?: number;
  /** Share of the steps that the rate rises linearly, in [0, 1) (default 0.1). */ readonly warmup?: number;
  /** ε, in [0, 1) (default 0.1). */ readonly labelSmoothing?: number;
  /** Decay of a moving average of the weights that is then the classifier; none unless given. */
  readonly averageDecay?: number;
  /** Largest global gradient norm; not clipped unless given. */ readonly clipNorm?: number;
  /** Of first weights and random draws (default 0). */ readonly seed?: number;
  /** Ends the training with an error. */ readonly signal?: AbortSignal;
}

export interface FineTuneOptions extends SupervisedOptions {
  /** The pretrained encoder's, by their own names. */ readonly weights: HostTensors;
  /** Factor from each layer to the one before it, in (0, 1] (default 0.75); encoders without `depthOf` have one rate. */
  readonly layerDecay?: number;
}

/** How a setting did on the validation samples. */
export interface SettingTrial {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** In [0, 1]. */ readonly accuracy: number;
}

/** What a network reaches that was trained on labels as a whole. */
export interface SupervisedResult extends Classification {
  /** The setting used. */ readonly learningRate: number;
  readonly weightDecay: number;
  /** Validation accuracy of each setting; empty where one was given. */ readonly trials: readonly SettingTrial[];
  /** Mean loss of each epoch. */ readonly losses: readonly number[];
  /** The classifier's: the encoder's under `trunk/`, the linear layer's under `head/`. */ readonly weights: HostTensors;
}

/**
 * Fine-tuning: trains a pretrained encoder and a new linear layer on labels, earlier layers more slowly. AdamW, cosine with
 * warm-up, label smoothing: BEiT's and MAE's recipe, but for their augmentation, which the batches bring.
 * @throws UnlabelError `INVALID_OPTION`, `LABELS_MISSING`, `LABELS_MISMATCH`, `SHAPE_MISMATCH`, `VARIABLE_MISSING`,
 * `ABORTED`, and what `pretrain` of core throws, such as `NON_FINITE_LOSS`
 * @see Bao et al., ICLR 2022, https://arxiv.org/abs/2106.08254; He et al., CVPR 2022, https://arxiv.org/abs/2111.06377, table 9
 */
export function fineTune(options: FineTuneOptions): Promise<SupervisedResult> {
  const { weights, layerDecay = 0.75 } = options;
  if (!(layerDecay > 0 && layerDecay <= 1)) throw invalid(`layerDecay is ${layerDecay}.`, 'Give a number in (0, 1].');
  return chooseAndTrain(options, { weights, layerDecay });
}

/**
 * The supervised baseline: the same network from random weights on the same labels. Tune it as hard as the method, with
 * several `learningRate`s and `weightDecay`s, augmentation and enough epochs: a weak one fakes a lead of many points.
 * @throws UnlabelError as {@link fineTune}
 */
export function supervisedBaseline(options: SupervisedOptions): Promise<SupervisedResult> {
  return chooseAndTrain(options, { layerDecay: 1 });
}

/** What tells fine-tuning from the baseline. */
interface Start {
  readonly weights?: HostTensors;
  readonly layerDecay: number;
}

type Setting = Omit<SettingTrial, 'accuracy'>;

async function chooseAndTrain(options: SupervisedOptions, start: Start): Promise<SupervisedResult> {
  const settings = settingsOf(options);
  requireOptions(options, settings);
  const { validation, test } = options;
  const trials: SettingTrial[] = [];
  let best: { readonly trial: SettingTrial; readonly trained: Trained } | undefined;
  for (const setting of settings) {
    const trained = await train(options, start, setting);
    const accuracy =
      validation && settings.length > 1 ? (await classifyInputs(options, trained, validation)).accuracy : 0;
    const trial = { ...setting, accuracy };
    trials.push(trial);
    if (!best || accuracy > best.trial.accuracy) best = { trial, trained };
  }
  if (!best) throw new Error('No setting was trained.');
  const { accuracy: _, ...setting } = best.trial;
  const classification = await classifyInputs(options, best.trained, test);
  const { losses, weights } = best.trained;
  return { ...classification, ...setting, trials: settings.length > 1 ? trials : [], losses, weights };
}

interface Trained {
  readonly classifier: Encoder;
  readonly weights: HostTensors;
  readonly losses: readonly number[];
}

async function train(options: SupervisedOptions, start: Start, setting: Setting): Promise<Trained> {
  const { encoder, session, batches, test, epochs = 50, warmup = 0.1, labelSmoothing = 0.1, seed = 0 } = options;
  const { averageDecay, clipNorm, signal } = options;
  const classifier = classifierOf(encoder, test.classes, start.weights);
  const groups = start.layerDecay < 1 ? layerwiseDecay(classifier, start.layerDecay) : [];
  const losses: number[] = [];
  const events = pretrain({
    batches,
    encoder: classifier,
    objective: supervised({ labelSmoothing }),
    optimizer: adamw({ weightDecay: setting.weightDecay, groups: [undecayedVectors, ...groups] }),
    session,
    epochs,
    learningRate: (steps) =>
      cosineSchedule({
        steps,
        start: setting.learningRate,
        warmupSteps: Math.floor(warmup * steps),
        convention: 'ijepa',
      }),
    seed,
    ...(averageDecay !== undefined && { averageDecay }),
    ...(clipNorm !== undefined && { clipNorm }),
    ...(signal && { signal }),
  });
  for await (const event of events) {
    if (event.type === 'epoch') losses.push(event.meanLoss);
    if (event.type === 'end' && !event.aborted) return { classifier, weights: event.weights, losses };
  }
  throw new UnlabelError('ABORTED', 'Training on labels was ended before it was done.', {
    fix: 'Expect this error where you end it early.',
  });
}

async function classifyInputs(
  { session }: SupervisedOptions,
  { classifier, weights }: Trained,
  { inputs, count, labels, classes }: LabelledInputs,
): Promise<Classification> {
  const embedder = await createEmbedder(session, classifier, weights);
  try {
    const logits = await embedder.embed(inputs, count);
    const depth = rankingDepth(classes);
    const ranked = new Int32Array(count * depth);
    for (let row = 0; row < count; row++) {
      rankClasses(logits.subarray(row * classes, (row + 1) * classes), ranked.subarray(row * depth, (row + 1) * depth));
    }
    return classificationOf(ranked, labels, []);
  } finally {
    embedder.dispose();
  }
}

function settingsOf({ learningRate = 1e-3, weightDecay = 0.05 }: SupervisedOptions): Setting[] {
  const rates = typeof learningRate === 'number' ? [learningRate] : learningRate;
  const decays = typeof weightDecay === 'number' ? [weightDecay] : weightDecay;
  return rates.flatMap((rate) => decays.map((decay) => ({ learningRate: rate, weightDecay: decay })));
}

function requireOptions(options: SupervisedOptions, settings: readonly Setting[]): void {
  const { validation, test, warmup = 0.1 } = options;
  const bad = settings.find(({ learningRate: rate, weightDecay: decay }) => !(rate > 0 && decay >= 0));
  if (settings.length === 0 || bad) {
    const given = bad ? `learningRate is ${bad.learningRate}, weightDecay ${bad.weightDecay}` : 'There is no setting';
    throw invalid(`${given}.`, 'Give a positive learning rate and a weight decay from 0 up, or several.');
  }
  if (settings.length > 1 && !validation) {
    throw invalid(
      `${settings.length} settings are to be tried without validation samples.`,
      'Hold some out of training, and give them as validation: the test samples must not choose.',
    );
  }
  if (!(warmup >= 0 && warmup < 1)) throw invalid(`warmup is ${warmup}.`, 'Give a share of the steps in [0, 1).');
  for (const [name, data] of Object.entries({ test, ...(validation && { validation }) })) {
    if (data.labels.length !== data.count || data.classes !== test.classes) {
      throw new UnlabelError(
        'LABELS_MISMATCH',
        `${name} has ${data.count} samples, ${data.labels.length} labels and ${data.classes} classes.`,
        { fix: 'Give one label a sample, and index the labels of all by one list of classes.' },
      );
    }
  }
}

function invalid(message: string, fix: string): UnlabelError {
  return new UnlabelError('INVALID_OPTION', message, { fix });
}
