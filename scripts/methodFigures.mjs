/**
 * What an encoder came to.
 * @typedef {{ knn: number, linear: number, rankMe: number }} Figures accuracies in [0, 1] and an effective rank
 */

/**
 * One training run of a method, as `bench/methods.json` keeps it.
 * @typedef {{ method: string, seed: number, cores: number, steps: number, seconds: number, untrained: Figures, trained: Figures }} MethodFigures
 */

/** @typedef {{ name: string, traits?: import('../packages/core/src/index').ObjectiveTraits }} Definition of an objective */

/**
 * The methods whose encoders have the highest kNN accuracy with seed 0, best first.
 * @param {readonly { name: string }[]} methods
 * @param {readonly MethodFigures[]} figures
 * @param {number} count
 */
export function bestOf(methods, figures, count) {
  const first = figures.filter(({ seed, method }) => seed === 0 && methods.some(({ name }) => name === method));
  const ranked = first.toSorted((a, b) => b.trained.knn - a.trained.knn);
  return ranked.slice(0, count).map(({ method }) => method);
}

/**
 * Heads and rows of the table of methods: one each, with the figures of seed 0 where it was measured.
 * @param {readonly { definition: Definition, source: string }[]} methods
 * @param {readonly MethodFigures[]} figures
 */
export function methodRows(methods, figures) {
  const rows = methods.map(({ definition: { name, traits }, source }) => {
    const of = figures.find(({ method, seed }) => method === name && seed === 0);
    const { encoder = 'any', views = 'pair', modality = 'image', labels = false } = traits ?? {};
    const shown = { one: '1', pair: '2', 'multi-crop': '2 and 2 small' }[views];
    return [
      `[${name}](../${source})`,
      modality === 'image' ? (encoder === 'tokens' ? 'ViT' : 'ResNet') : `none: learns from ${modality}`,
      modality === 'image' ? `${shown}${labels ? ', and labels' : ''}` : '',
      of ? `${of.seconds}` : '',
      of ? percent(of.untrained.knn) : '',
      of ? percent(of.trained.knn) : '',
      of ? percent(of.trained.linear) : '',
      of ? of.trained.rankMe.toFixed(1) : '',
      traits?.memory ?? '',
    ];
  });
  const heads = [
    'method',
    'encoder',
    'views',
    'seconds',
    'kNN untrained',
    'kNN',
    'linear',
    'RankMe',
    'holds in memory',
  ];
  return { heads, rows };
}

/**
 * Heads and rows of the best methods over all seeds that were run: means, with the lowest and the highest.
 * @param {readonly { definition: Definition }[]} methods
 * @param {readonly MethodFigures[]} figures
 */
export function bestRows(methods, figures) {
  const names = bestOf(
    methods.map(({ definition }) => definition),
    figures,
    6,
  );
  const rows = names.flatMap((name) => {
    const runs = figures.filter(({ method }) => method === name);
    if (runs.length < 3) return [];
    const of = (/** @type {(figures: Figures) => number} */ pick) => spread(runs.map(({ trained }) => pick(trained)));
    const rankMe = runs.map(({ trained }) => trained.rankMe);
    return [[name, `${runs.length}`, of(({ knn }) => knn), of(({ linear }) => linear), mean(rankMe).toFixed(1)]];
  });
  return { heads: ['method', 'seeds', 'kNN', 'linear', 'RankMe'], rows };
}

/** @param {readonly number[]} shares */
function spread(shares) {
  return `${percent(mean(shares))} (${percent(Math.min(...shares))} to ${percent(Math.max(...shares))})`;
}

/** @param {readonly number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param {number} share */
export function percent(share) {
  return (100 * share).toFixed(1);
}
