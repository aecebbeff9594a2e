import { spawn, spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const { npm_config_loglevel: _, ...inherited } = process.env; // `npm run --silent` would silence failures too
const env = {
  ...inherited,
  PATH: `${root}node_modules/.bin${delimiter}${process.env.PATH}`,
  CI: 'true', // no prompts, no spinners
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
};

/**
 * Runs a shell command and says in one line how it went; its output is shown only when it fails, and ends the process.
 * @param {string} label what it does, such as `build`
 * @param {string} command
 */
export function runQuietly(label, command) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, { cwd: root, env, shell: true, encoding: 'utf8' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (status === 0) return console.error(`✓ ${label} (${seconds} s)`);
  console.error(`${stdout}${stderr}\n✗ ${label}: \`${command}\` failed.`);
  process.exit(status ?? 1);
}

/**
 * Runs a shell command and gives its exit status and its output.
 * @param {string} command
 * @param {{ cwd?: string }} [options] `cwd` defaults to the workspace's root
 * @returns {Promise<{ status: number, output: string }>}
 */
export function run(command, { cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd, env, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
