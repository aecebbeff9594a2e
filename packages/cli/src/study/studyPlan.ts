import { UnlabelError } from '@unlabel/core';
import type { Study } from './studySchema';

/** One setting of every axis. */
export interface Combination {
  /** What to call it: its settings, or the study's title where there are no axes. */ readonly name: string;
  /** Settings by axis. */ readonly settings: Readonly<Record<string, string>>;
  /** As `--set` takes them. */ readonly assignments: readonly string[];
}

/** One run of a study. */
export interface PlannedRun {
  readonly combination: Combination;
  readonly seed: number;
  /** Where it lies below the study's folder. */ readonly folder: string;
  readonly assignments: readonly string[];
}

/**
 * Every run of a study: combinations in the order of the file, each with every seed. Seeds come last, so that a study that
 * is broken off has compared all settings of the first seeds.
 * @throws UnlabelError `CONFIG_INVALID` where all are excluded or two would lie in one folder
 */
export function planStudy(study: Study): readonly PlannedRun[] {
  const combinations = combinationsOf(study);
  const runs = study.seeds.flatMap((seed) =>
    combinations.map((combination) => ({
      combination,
      seed,
      folder: `${folderName(combination)}/seed-${seed}`,
      assignments: [...combination.assignments, `training.seed=${seed}`, 'report=false'],
    })),
  );
  const folders = new Set(runs.map(({ folder }) => folder));
  if (runs.length === 0) {
    throw new UnlabelError('CONFIG_INVALID', 'The study has no runs: everything is excluded.', {
      fix: 'Exclude less.',
    });
  }
  if (folders.size < runs.length) {
    throw new UnlabelError('CONFIG_INVALID', 'Two runs of the study would lie in the same folder.', {
      fix: 'Give settings names that differ in letters and digits, and each seed once.',
    });
  }
  return runs;
}

/** Every combination of settings that is not excluded, in the order of the file. */
export function combinationsOf({ title, set, axes, exclude }: Study): readonly Combination[] {
  const start: readonly Combination[] = [{ name: '', settings: {}, assignments: assigned(set) }];
  const all = Object.entries(axes).reduce<readonly Combination[]>(
    (combinations, [axis, settings]) =>
      combinations.flatMap((combination) =>
        Object.entries(settings).map(([setting, values]) => ({
          name: [combination.name, setting].filter(Boolean).join(', '),
          settings: { ...combination.settings, [axis]: setting },
          assignments: [...combination.assignments, ...assigned(values)],
        })),
      ),
    start,
  );
  return all
    .filter(
      ({ settings }) => !exclude.some((left) => Object.entries(left).every(([axis, name]) => settings[axis] === name)),
    )
    .map((combination) => ({ ...combination, name: combination.name || title }));
}

function assigned(values: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(values).map(([path, value]) => `${path}=${JSON.stringify(value)}`);
}

function folderName({ name }: Combination): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'run'
  );
}
