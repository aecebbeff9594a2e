import { type Evaluator, type LabelledFeatures, type RandomStream, randomStream, UnlabelError } from '@unlabel/core';
import { top1Accuracy } from './accuracy';
import { admit, type SplitOptions } from './admit';
import { type Classification, classificationFigures, classificationOf } from './classification';
import { takeRows } from './features';
import { type Matrix, matrixMemory, writeRows } from './matrixMemory';
import { classify, type LinearClassifier, rankByScores } from './softmaxRegression';
import { standardiser } from './standardise';

export interface SgdProbeOptions extends SplitOptions {
  /** η at batches of 256, > 0, scaled by batchSize / 256; several are tried on held-out bank rows (default 0.003 … 1 in steps of about √10). */
  readonly learningRate?: number | readonly number[];
  /** Passes over the bank (default 100). */ readonly epochs?: number;
  /** Rows of a step (default 256). */ readonly batchSize?: number;
  /** μ, in [0, 1) (default 0.9). */ readonly momentum?: number;
  /** λ, added to the gradient of the weights as λW, ≥ 0 (default 0). */ readonly weightDecay?: number;
  /** Whether each dimension is shifted and scaled to mean 0, standard deviation 1 over the bank (default false: papers take features as they are). */
  readonly standardise?: boolean;
  /** Share of the bank that is held out to choose among learning rates, in (0, 1) (default 0.2). */
  readonly heldOut?: number;
  /** Of held-out rows and the order of batches (default 0). */ readonly seed?: number;
}

/** How a learning rate did on the held-out bank rows. */
export interface RateTrial {
  readonly learningRate: number;
  /** In [0, 1]. */ readonly accuracy: number;
}

/** What a linear classifier trained by gradient descent reaches. */
export interface SgdProbeResult extends Classification {
  /** The learning rate used, at batches of 256. */ readonly learningRate: number;
  /** Held-out accuracy of each rate tried; empty when one was given. */ readonly trials: readonly RateTrial[];
  /** The classifier, on features as standardised. */ readonly classifier: LinearClassifier;
}

/**
 * The linear probe as papers train it: gradient descent with momentum on frozen features, the rate a cosine to 0, no
 * weight decay, 100 epochs. All learning rates train at once, on the same batches; the best on held-out bank rows then
 * trains on the whole bank. MoCo takes rate 30 and batches of 256, stepwise ×0.1 at epochs 60 and 80; SimSiam 0.1 with
 * LARS, batches of 4,096, 90 epochs, cosine; DINO 0.001 with batches of 1,024 (0.00025 here), cosine. Their features
 * differ in scale, so that rates do: sweep. `linearProbe` finds the optimum itself and needs no rate.
 * @throws UnlabelError `INVALID_OPTION`, `SPLITS_OVERLAP`, `NON_FINITE_LOSS` when every rate diverges, and those of
 * features and labels: `SHAPE_MISMATCH`, `LABELS_MISSING`, `LABELS_MISMATCH`, `DATASET_EMPTY`, `FEATURES_NOT_FINITE`
 * @see He et al., CVPR 2020, https://arxiv.org/abs/1911.05722, §4.1; Chen & He, CVPR 2021, https://arxiv.org/abs/2011.10566,
 * appendix A; Caron et al., ICCV 2021, https://arxiv.org/abs/2104.14294, and its eval_linear.py
 */
export function sgdProbe(
  bank: LabelledFeatures,
  test: LabelledFeatures,
  options: SgdProbeOptions = {},
): SgdProbeResult {
  const { learningRate = [0.003, 0.01, 0.03, 0.1, 0.3, 1], standardise = false, heldOut = 0.2, seed = 0 } = options;
  const admitted = admit(bank, test, options);
  const rates = typeof learningRate === 'number' ? [learningRate] : [...learningRate];
  const recipe = recipeOf(options);
  requireOptions({ rates, heldOut, bankCount: admitted.bank.count, ...recipe });
  const scale = standardise ? standardiser(admitted.bank) : <Data>(data: Data) => data;
  const known = scale(admitted.bank);
  const trials = rates.length > 1 ? tryRates(known, rates, { ...recipe, heldOut, seed }) : [];
  const best = trials.reduce((left, right) => (right.accuracy > left.accuracy ? right : left), {
    learningRate: rates[0] ?? 0,
    accuracy: -1,
  });
  const [classifier] = train(known, [best.learningRate], recipe, randomStream([seed, 'sgd-probe', 'whole']));
  if (!classifier || !hasSettled(classifier)) throw diverged([best.learningRate]);
  const classification = classificationOf(rankByScores(classifier, scale(test)), test.labels, admitted.warnings);
  return { ...classification, learningRate: best.learningRate, trials, classifier };
}

/** {@link sgdProbe} as an evaluator: the figures and details of every classifier, and the chosen `learningRate`. */
export function sgdProbeEvaluator(options: Omit<SgdProbeOptions, 'seed'> = {}): Evaluator {
  return {
    name: 'sgd-probe',
    evaluate: async (bank, test, seed, notes) => {
      const result = sgdProbe(bank, test, { ...options, seed });
      return { ...classificationFigures(result, test, notes), learningRate: result.learningRate };
    },
  };
}

interface Recipe {
  readonly epochs: number;
  readonly batchSize: number;
  readonly momentum: number;
  readonly weightDecay: number;
}

function recipeOf({ epochs = 100, batchSize = 256, momentum = 0.9, weightDecay = 0 }: SgdProbeOptions): Recipe {
  return { epochs, batchSize, momentum, weightDecay };
}

/** @throws UnlabelError `NON_FINITE_LOSS` */
function tryRates(
  bank: LabelledFeatures,
  rates: readonly number[],
  how: Recipe & { readonly heldOut: number; readonly seed: number },
): RateTrial[] {
  const order = randomStream([how.seed, 'sgd-probe']).permutation(bank.count);
  const heldOutRows = Math.min(Math.max(1, Math.round(how.heldOut * bank.count)), bank.count - 1);
  const heldOut = takeRows(bank, order.subarray(0, heldOutRows));
  const rest = takeRows(bank, order.subarray(heldOutRows));
  const trials = train(rest, rates, how, randomStream([how.seed, 'sgd-probe', 'part'])).flatMap((classifier, index) => {
    if (!hasSettled(classifier)) return []; // this rate diverges
    return [{ learningRate: rates[index] ?? 0, accuracy: top1Accuracy(classify(classifier, heldOut), heldOut.labels) }];
  });
  if (trials.length === 0) throw diverged(rates);
  return trials;
}

/** Trains one classifier for each rate, side by side: their weights are rows of one matrix. */
function train(
  data: LabelledFeatures,
  rates: readonly number[],
  recipe: Recipe,
  random: RandomStream,
): readonly LinearClassifier[] {
  const { count, dim, classes } = data;
  const { epochs, momentum: mu, weightDecay } = recipe;
  const batchSize = Math.min(recipe.batchSize, count);
  const memory = matrixMemory();
  const outputs = rates.length * classes;
  const weights = memory.matrix(outputs, dim);
  const parts = {
    batch: memory.matrix(batchSize, dim), // X
    columns: memory.matrix(dim, batchSize), // Xᵀ
    scores: memory.matrix(outputs, batchSize), // W Xᵀ + b, then (softmax − onehot)/batch
    products: memory.matrix(outputs, dim),
  };
  const bias = new Float64Array(outputs);
  const velocity = { weights: new Float32Array(outputs * weights.stride), bias: new Float64Array(outputs) };
  const perEpoch = Math.ceil(count / batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(count);
    for (let step = 0; step < perEpoch; step++) {
      const rows = order.subarray(step * batchSize, (step + 1) * batchSize);
      loadBatch(data, rows, parts);
      memory.dotProducts(weights, parts.batch, parts.scores);
      toResiduals(parts.scores, bias, { labels: rows.map((row) => data.labels[row] ?? 0), classes });
      memory.dotProducts(parts.scores, parts.columns, parts.products);
      const progress = (epoch * perEpoch + step) / (epochs * perEpoch);
      const cosine = ((1 + Math.cos(Math.PI * progress)) / 2) * (recipe.batchSize / 256);
      const rateOf = (output: number) => cosine * (rates[Math.floor(output / classes)] ?? 0);
      move({ weights, bias, velocity, ...parts }, { rateOf, mu, weightDecay, rows: rows.length });
    }
  }
  const { values, stride } = weights;
  return rates.map((_, index) => {
    const own = new Float64Array(classes * dim);
    for (let label = 0; label < classes; label++) {
      const from = (index * classes + label) * stride;
      own.set(values.subarray(from, from + dim), label * dim);
    }
    return { weights: own, bias: bias.slice(index * classes, (index + 1) * classes) };
  });
}

/** Copies rows into the batch and, transposed, into its columns; a smaller last batch is filled with zeros. */
function loadBatch(
  { features, dim }: LabelledFeatures,
  rows: Int32Array,
  { batch, columns }: { readonly batch: Matrix; readonly columns: Matrix },
): void {
  const gathered = new Float32Array(batch.rows * dim);
  const { values, stride } = columns;
  if (rows.length < batch.rows) values.fill(0);
  rows.forEach((row, place) => {
    const own = features.subarray(row * dim, (row + 1) * dim);
    gathered.set(own, place * dim);
    for (let column = 0; column < dim; column++) values[column * stride + place] = own[column] ?? 0;
  });
  writeRows(batch, gathered);
}

/** Replaces the scores of each classifier by (softmax(score + bias) − onehot)/batch, and those of no row by 0. */
function toResiduals(
  { rows: outputs, stride, columns, values }: Matrix,
  bias: Float64Array,
  { labels, classes }: { readonly labels: Int32Array; readonly classes: number },
): void {
  const weights = new Float64Array(classes);
  for (let first = 0; first < outputs; first += classes) {
    for (let row = 0; row < columns; row++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let label = 0; label < classes; label++) {
        largest = Math.max(largest, (values[(first + label) * stride + row] ?? 0) + (bias[first + label] ?? 0));
      }
      let sum = 0;
      for (let label = 0; label < classes; label++) {
        const score = (values[(first + label) * stride + row] ?? 0) + (bias[first + label] ?? 0);
        sum += weights[label] = Math.exp(score - largest);
      }
      const share = row < labels.length ? 1 / labels.length : 0;
      for (let label = 0; label < classes; label++) {
        const hit = labels[row] === label ? 1 : 0;
        values[(first + label) * stride + row] = share * ((weights[label] ?? 0) / sum - hit);
      }
    }
  }
}

interface Moving {
  readonly weights: Matrix;
  readonly bias: Float64Array;
  readonly velocity: { readonly weights: Float32Array; readonly bias: Float64Array };
  readonly scores: Matrix;
  readonly products: Matrix;
}

/** v ← μv + g, θ ← θ − ηv. */
function move(
  { weights, bias, velocity, scores, products }: Moving,
  how: {
    readonly rateOf: (output: number) => number;
    readonly mu: number;
    readonly weightDecay: number;
    readonly rows: number;
  },
): void {
  const { mu, weightDecay, rows } = how;
  const { stride, columns: dim } = weights;
  const [theta, gradients, residuals] = [weights.values, products.values, scores.values];
  for (let output = 0; output < weights.rows; output++) {
    const rate = how.rateOf(output);
    for (let at = output * stride; at < output * stride + dim; at++) {
      const parameter = theta[at] ?? 0;
      const speed = mu * (velocity.weights[at] ?? 0) + (gradients[at] ?? 0) + weightDecay * parameter;
      velocity.weights[at] = speed;
      theta[at] = parameter - rate * speed;
    }
    let slope = 0;
    for (let at = output * scores.stride; at < output * scores.stride + rows; at++) slope += residuals[at] ?? 0;
    const speed = mu * (velocity.bias[output] ?? 0) + slope;
    velocity.bias[output] = speed;
    bias[output] = (bias[output] ?? 0) - rate * speed;
  }
}

function hasSettled({ weights, bias }: LinearClassifier): boolean {
  return weights.every(Number.isFinite) && bias.every(Number.isFinite);
}

function diverged(rates: readonly number[]): UnlabelError {
  return new UnlabelError('NON_FINITE_LOSS', `The probe diverges at learning rates ${rates.join(', ')}.`, {
    fix: 'Try smaller ones, or standardise the features.',
  });
}

function requireOptions(
  options: Recipe & { readonly rates: readonly number[]; readonly heldOut: number; readonly bankCount: number },
): void {
  const { rates, heldOut, bankCount, epochs, batchSize, momentum, weightDecay } = options;
  const refuse = (message: string, fix: string) => new UnlabelError('INVALID_OPTION', message, { fix });
  const bad = rates.find((rate) => !(rate > 0 && Number.isFinite(rate)));
  if (rates.length === 0 || bad !== undefined) {
    throw refuse(`learningRate is ${bad ?? 'an empty list'}.`, 'Give a positive number, or several to choose from.');
  }
  if (rates.length > 1 && !(heldOut > 0 && heldOut < 1 && bankCount > 1)) {
    throw refuse(`heldOut is ${heldOut} of ${bankCount} bank rows.`, 'Hold out a share between 0 and 1, such as 0.2.');
  }
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (!(Number.isInteger(value) && value >= 1)) throw refuse(`${name} is ${value}.`, 'Give a whole number from 1.');
  }
  if (!(momentum >= 0 && momentum < 1)) throw refuse(`momentum is ${momentum}.`, 'Give a number in [0, 1).');
  if (!(weightDecay >= 0 && Number.isFinite(weightDecay))) {
    throw refuse(`weightDecay is ${weightDecay}.`, 'Give a number from 0 up.');
  }
}
