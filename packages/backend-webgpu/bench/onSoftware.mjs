// Runs the benchmark on the machine's GPU, or on Chromium's software GPU where `--software` asks for it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { softwareGpu } from '../../../scripts/softwareGpu.mjs';

const options = process.argv.slice(2);
const env = { ...process.env, ...(options.includes('--software') ? softwareGpu() : {}) };
const script = fileURLToPath(new URL('dist/kernels.js', import.meta.url));
const { status } = spawnSync(process.execPath, [script, ...options], { env, stdio: 'inherit' });
process.exitCode = status ?? 1;
