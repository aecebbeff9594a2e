// Times kNN over 60,000 × 512 with 10,000 queries, and a linear probe on 8,000 × 512, here and in scikit-learn and PyTorch,
// which take turns. Build first, then: npm run bench:eval -- [--rounds 3] [--python /usr/bin/python3] [--rows knn,probe]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startOpponent } from '../../../bench/opponent.mjs';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    python: { type: 'string', default: '/usr/bin/python3' },
    rows: { type: 'string', default: 'knn,probe' },
  },
});

const rows = {
  knn: { bank: 60_000, test: 10_000, dim: 512, contenders: ['Unlabel', 'PyTorch', 'scikit-learn'] },
  probe: { bank: 8_000, test: 2_000, dim: 512, contenders: ['Unlabel', 'scikit-learn'] },
};
const classes = 10;

/** Classes that overlap, along directions of unequal spread as an encoder's. */
function features(count, dim, seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const data = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < dim; column++) {
      const centre = column % classes === row % classes ? 0.25 : 0;
      data[row * dim + column] = (centre + normal()) / (1 + column / 64);
    }
  }
  return data;
}

/** A process that runs once for each line, and answers with seconds and accuracy. */
function contender(name, file, args) {
  const { hear, say, close } = startOpponent(file, args);
  const turn = async () => {
    say('go');
    const answer = await hear();
    if (!answer) throw new Error(`${name} ended without an answer.`);
    return answer;
  };
  return { name, turn, close };
}

function median(list) {
  const sorted = list.toSorted((left, right) => left - right);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

async function race(row, folder) {
  const { bank, test, dim, contenders } = rows[row];
  await writeFile(join(folder, `${row}-bank.f32`), features(bank, dim, 1));
  await writeFile(join(folder, `${row}-test.f32`), features(test, dim, 2));
  const size = [bank, test, dim, classes].map(String);
  const script = (file) => fileURLToPath(new URL(file, import.meta.url));
  const open = {
    Unlabel: () => contender('Unlabel', process.execPath, [script('ours.mjs'), row, folder, ...size]),
    PyTorch: () => contender('PyTorch', flags.python, [script('theirs.py'), row, 'torch', folder, ...size]),
    'scikit-learn': () =>
      contender('scikit-learn', flags.python, [script('theirs.py'), row, 'sklearn', folder, ...size]),
  };
  const running = contenders.map((name) => ({ ...open[name](), seconds: [], accuracy: Number.NaN }));
  for (let round = 0; round <= Number(flags.rounds); round++) {
    for (const each of running) {
      const { seconds, accuracy } = await each.turn();
      each.accuracy = accuracy;
      if (round > 0) each.seconds.push(seconds); // the first warms up
    }
  }
  for (const { close } of running) close();
  const [ours] = running;
  for (const { name, seconds, accuracy } of running) {
    const ratio = (median(seconds) / median(ours.seconds)).toFixed(2);
    const all = seconds.map((value) => value.toFixed(2)).join(' ');
    console.log(
      `${row}  ${name.padEnd(13)} ${median(seconds).toFixed(2)} s  × ${ratio}  accuracy ${accuracy}  (${all})`,
    );
  }
}

console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}; medians of ${flags.rounds} rounds in turns, as multiples of Unlabel`,
);
const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
try {
  for (const row of flags.rows.split(',')) await race(row, folder);
} finally {
  await rm(folder, { recursive: true });
}
