import { readFile } from 'node:fs/promises';
import { UnlabelError } from '@unlabel/core';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { explainIssues } from '../config/explainIssues';

const mostRuns = 500;

const assignments = z
  .record(z.string(), z.unknown())
  .describe('Values by dotted path, as `--set` takes them: { objective.temperature: 0.2 }.');

/** The schema of study files. */
export const studySchema = z.strictObject({
  title: z.string().describe('What the study is called.'),
  hypothesis: z.string().exactOptional().describe('What is expected, in words, before it is run.'),
  base: z
    .string()
    .describe('The config that every run starts from, relative to this file; `quickstart` is the shipped recipe.'),
  set: assignments.default({}).describe('Assignments over the base, for every run: data and budget.'),
  axes: z
    .record(z.string().regex(/^[^/\\]+$/), z.record(z.string().regex(/^[^/\\]+$/), assignments))
    .default({})
    .describe('What differs: axes by name, each with settings by name, each of assignments. Every combination is run.'),
  seeds: z.array(z.int().nonnegative()).min(1).default([0]).describe('Each setting is run with each of these seeds.'),
  exclude: z
    .array(z.record(z.string(), z.string()))
    .default([])
    .describe('Combinations to leave out: settings by axis; axes that are not named match all.'),
  quality: z
    .string()
    .default('linear-probe.accuracy')
    .describe(
      'What runs are ranked by: evaluator and figure. Titles of evaluators with options are matched by their name.',
    ),
  correlate: z
    .union([z.boolean(), z.string()])
    .default(false)
    .describe(
      'Whether to rank label-free criteria by their correlation with the quality; the name of an axis: also within each of its settings.',
    ),
  parallel: z
    .int()
    .positive()
    .default(1)
    .describe('Runs at a time, at most the cores of the machine; cores are shared out.'),
});

/** A study as it was written, checked. */
export type Study = z.output<typeof studySchema>;

/**
 * Reads a study file and checks it.
 * @throws UnlabelError `CONFIG_INVALID` with every fault, also for axes that `exclude` names and nobody knows, and for
 *   more than 500 runs or none
 */
export async function loadStudy(path: string): Promise<Study> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UnlabelError('CONFIG_INVALID', `The study file ${path} cannot be read.`, {
      fix: 'Name a YAML file; the README of @unlabel/cli has an example.',
      cause,
    });
  });
  return parseStudy(text, path);
}

/** The same for a study that is already in memory. @param source what to call it in messages */
export function parseStudy(text: string, source: string): Study {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new UnlabelError('CONFIG_INVALID', `${source} is not YAML: ${fault.message}`);
  const value: unknown = document.toJS() ?? {};
  const parsed = studySchema.safeParse(value);
  if (!parsed.success) throw invalid(source, explainIssues(parsed.error.issues, studySchema, value));
  const study = parsed.data;
  const faults = [...unknownSettings(study), ...(sizeFault(study) ?? [])];
  if (faults.length > 0) throw invalid(source, faults);
  return study;
}

function unknownSettings({ axes, exclude, correlate }: Study): readonly string[] {
  const unknownAxis =
    typeof correlate === 'string' && !(correlate in axes)
      ? [`correlate names the axis '${correlate}'; there are: ${listed(axes)}.`]
      : [];
  const left = exclude.flatMap((combination, index) =>
    Object.entries(combination).flatMap(([axis, setting]) => {
      const settings = axes[axis];
      if (!settings) return [`exclude.${index} names the axis '${axis}'; there are: ${listed(axes)}.`];
      if (!(setting in settings))
        return [`exclude.${index} names '${setting}' of ${axis}, which has: ${listed(settings)}.`];
      return [];
    }),
  );
  return [...unknownAxis, ...left];
}

function sizeFault({ axes, seeds }: Study): readonly string[] | undefined {
  const sizes = Object.entries(axes).map(([name, settings]) => ({ name, size: Object.keys(settings).length }));
  const empty = sizes.find(({ size }) => size === 0);
  if (empty) return [`axes.${empty.name} has no settings, so that there would be no runs.`];
  const runs = sizes.reduce((product, { size }) => product * size, seeds.length);
  if (runs <= mostRuns) return undefined;
  return [`It would be ${runs} runs; at most ${mostRuns} are allowed: leave out settings or seeds.`];
}

function listed(names: object): string {
  return Object.keys(names).join(', ') || 'none';
}

function invalid(source: string, faults: readonly string[]): UnlabelError {
  const what = faults.length === 1 ? ` ${faults[0]}` : `\n${faults.map((fault) => `  - ${fault}`).join('\n')}`;
  return new UnlabelError('CONFIG_INVALID', `${source}:${what}`, {
    fix: 'The README of @unlabel/cli shows a study file.',
  });
}
