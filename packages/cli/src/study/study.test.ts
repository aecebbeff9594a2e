import { expect, test } from 'vitest';
import { combinationsOf, planStudy } from './studyPlan';
import { parseStudy } from './studySchema';

const minimal = 'title: t\nbase: base.yaml\n';
const axes = 'axes: { a: { one: { x.y: 1 }, two: {} }, b: { Big: { z: [2] }, small: { x.y: 3 } } }\n';

const faultOf = (text: string) => {
  try {
    planStudy(parseStudy(text, 'study.yaml'));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'none';
};

test('every combination is run with every seed, first all of the first seed; later axes have the last word', () => {
  const runs = planStudy(parseStudy(`${minimal}${axes}set: { w: 0 }\nseeds: [0, 7]`, ''));
  expect(runs.map(({ folder }) => folder)).toEqual([
    ...['one-big', 'one-small', 'two-big', 'two-small'].map((name) => `${name}/seed-0`),
    ...['one-big', 'one-small', 'two-big', 'two-small'].map((name) => `${name}/seed-7`),
  ]);
  expect(runs[5]?.assignments).toEqual(['w=0', 'x.y=1', 'x.y=3', 'training.seed=7', 'report=false']);
});

test('without axes there is one setting, called as the study', () => {
  expect(combinationsOf(parseStudy(minimal, '')).map(({ name }) => name)).toEqual(['t']);
});

test('excluded combinations are left out; an axis that is not named matches all', () => {
  const study = parseStudy(`${minimal}${axes}exclude: [{ a: one, b: Big }, { b: small }]`, '');
  expect(combinationsOf(study).map(({ name }) => name)).toEqual(['two, Big']);
});

test.each([
  ['a key that is none', `${minimal}axis: {}`, /There is no key 'axis'\. Did you mean 'axes'\?/],
  ['nothing', '', /title is missing; it needs text/],
  ['no YAML', 'title: [', /is not YAML/],
  ['an axis without settings', `${minimal}axes: { a: {} }`, /axes\.a has no settings, so that there would be no runs/],
  ['no seeds', `${minimal}seeds: []`, /seeds/],
  [
    'an unknown axis in exclude',
    `${minimal}${axes}exclude: [{ c: one }]`,
    /exclude\.0 names the axis 'c'; there are: a, b/,
  ],
  [
    'an unknown setting in exclude',
    `${minimal}${axes}exclude: [{ a: three }]`,
    /names 'three' of a, which has: one, two/,
  ],
  ['everything excluded', `${minimal}${axes}exclude: [{ a: one }, { a: two }]`, /has no runs: everything is excluded/],
  [
    'too many runs',
    `${minimal}${axes}seeds: [${Array.from({ length: 200 }, (_, at) => at)}]`,
    /It would be 800 runs; at most 500/,
  ],
  ['a seed twice', `${minimal}seeds: [1, 1]`, /would lie in the same folder/],
  ['settings of one name', `${minimal}axes: { a: { A b: {}, a-B: {} } }`, /would lie in the same folder/],
  ['a name that leaves the folder', `${minimal}axes: { a: { ../x: {} } }`, /axes/],
])('%s is refused with what to do', (_, text, message) => expect(faultOf(text)).toMatch(message));
