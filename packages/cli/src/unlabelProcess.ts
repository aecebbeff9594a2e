import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a run of the command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command while it runs. */
export interface UnlabelProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Options of a test's run of the command. */
export interface UnlabelProcessOptions {
  readonly cwd: string;
  /** Flags for Node. */ readonly node?: readonly string[];
  /** Shell commands to go before it, such as `ulimit -f 100`. */ readonly shell?: string;
}

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Starts the built command as a person would, for tests. */
export function startUnlabel(
  args: readonly string[],
  { cwd, shell, node = [] }: UnlabelProcessOptions,
): UnlabelProcess {
  if (!existsSync(main)) throw new Error('The command is not built. Run: npm run setup');
  const command = [process.execPath, ...node, main, ...args];
  const child = shell
    ? spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { cwd })
    : spawn(process.execPath, command.slice(1), { cwd });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...output }));
  });
  return { child, ended };
}

/** Runs the built command to its end. */
export function unlabel(args: readonly string[], options: UnlabelProcessOptions): Promise<Ended> {
  return startUnlabel(args, options).ended;
}
