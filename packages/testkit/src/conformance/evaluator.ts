import {
  type Evaluator,
  evaluationNotes,
  type LabelledFeatures,
  randomStream,
  UnlabelError,
  type ViewFeatures,
} from '@unlabel/core';
import { type ConformanceCase, requireThat } from './conformanceCase';

/** What an evaluator is held to. */
export interface EvaluatorConformanceOptions {
  /** Figures that are shares in [0, 1] and nearly 1 for features that tell classes apart (default all whose name contains `accuracy`). */
  readonly accuracies?: readonly string[];
  /** Rows of the bank (default 120): 60 where each is one of a pair with a test row. */
  readonly bankRows?: number | undefined;
}

/**
 * What must hold of every {@link Evaluator}: finite figures, the same for the same seed, features left as they are, and
 * accuracies in [0, 1] that tell separable classes from noise; of one that trains a network, that it refuses mere features.
 */
export function evaluatorConformance(
  evaluator: Evaluator,
  options: EvaluatorConformanceOptions = {},
): readonly ConformanceCase[] {
  const { bankRows = 120 } = options;
  const [bank, test] = [labelled('bank', bankRows, 3), labelled('test', 60, 3)];
  if (evaluator.trainsNetwork) return [refusesMereFeatures(evaluator, bank, test)];
  const isAccuracy = (name: string) => options.accuracies?.includes(name) ?? /accuracy/i.test(name);
  return [
    {
      name: 'gives finite figures, the same for the same seed, and changes no features',
      run: async () => {
        const before = bank.features.slice();
        const first = await evaluator.evaluate(bank, test, 7, evaluationNotes(), viewsFor(evaluator, 3));
        const second = await evaluator.evaluate(bank, test, 7, evaluationNotes(), viewsFor(evaluator, 3));
        requireThat(Object.keys(first).length > 0, 'There are no figures.');
        requireThat(Object.values(first).every(Number.isFinite), `Not finite: ${JSON.stringify(first)}.`);
        requireThat(JSON.stringify(first) === JSON.stringify(second), 'The same seed gives other figures.');
        requireThat(
          bank.features.every((value, at) => value === before[at]),
          'The features were changed.',
        );
      },
    },
    {
      name: 'keeps accuracies in [0, 1], high for separable classes and near chance for noise',
      run: async () => {
        const figures = await evaluator.evaluate(bank, test, 7, evaluationNotes(), viewsFor(evaluator, 3));
        const clear = Object.entries(figures).filter(([name]) => isAccuracy(name));
        const random = [labelled('bank', bankRows, 0), labelled('test', 60, 0)] as const;
        const noise = await evaluator.evaluate(...random, 7, evaluationNotes(), viewsFor(evaluator, 0));
        for (const [name, value] of clear) {
          const chance = noise[name] ?? Number.NaN;
          requireThat(value > 0.9 && value <= 1, `${name} is ${value} for classes that lie apart.`);
          requireThat(chance >= 0 && chance < 0.75, `${name} is ${chance} for features without classes.`);
        }
      },
    },
  ];
}

/** What can be asked of an evaluator that trains a network, without one. */
function refusesMereFeatures(evaluator: Evaluator, bank: LabelledFeatures, test: LabelledFeatures): ConformanceCase {
  return {
    name: 'refuses features without the network that it would train',
    run: async () => {
      const refusal = await evaluator.evaluate(bank, test, 7).catch((error: unknown) => error);
      requireThat(UnlabelError.is(refusal, 'NETWORK_MISSING'), 'It did not throw NETWORK_MISSING.');
    },
  };
}

/** The views that an evaluator declares: rows about those of the test split. */
function viewsFor({ views: wanted }: Evaluator, separation: number): ViewFeatures | undefined {
  if (!wanted) return undefined;
  const { features, count, dim } = labelled('test', 60, separation);
  const { views } = wanted;
  const random = randomStream(['conformance', 'views']);
  const objects = Math.min(wanted.objects, count);
  const seen = Float32Array.from({ length: objects * views * dim }, (_, at) => {
    const [row, column] = [Math.floor(at / dim / views), at % dim];
    return (features[row * dim + column] ?? 0) + 0.1 * random.normal();
  });
  return { features: seen, objects, views, dim };
}

/** Three classes in five dimensions, whose means are `separation` standard deviations from the origin. */
function labelled(name: string, count: number, separation: number): LabelledFeatures {
  const [dim, classes] = [5, 3];
  const random = randomStream(['conformance', name]);
  const features = Float32Array.from({ length: count * dim }, (_, at) => {
    const [row, column] = [Math.floor(at / dim), at % dim];
    return random.normal() + (column === row % classes ? 2 * separation : 0);
  });
  return { features, count, dim, classes, labels: Int32Array.from({ length: count }, (_, row) => row % classes) };
}
