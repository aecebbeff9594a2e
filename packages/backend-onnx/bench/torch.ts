import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Command } from './lineProcess';
import { optimizerSettings, type Precision, type Row } from './rows';

/** A Python that has PyTorch. */
export interface Torch {
  readonly python: string;
  readonly version: string;
}

/**
 * Looks for a Python that can `import torch`: the one asked for, else `python3` and the system's own.
 * @returns undefined where there is none
 */
export async function findTorch(asked: string | undefined): Promise<Torch | undefined> {
  for (const python of asked ? [asked] : ['python3', '/usr/bin/python3', 'python']) {
    try {
      const { stdout } = await promisify(execFile)(python, ['-c', 'import torch; print(torch.__version__)']);
      return { python, version: stdout.trim() };
    } catch {} // no such program, or no torch in it
  }
  return undefined;
}

/** One way of running PyTorch. */
export interface TorchSetting {
  /** Threads of PyTorch's own loops and convolutions. */ readonly own: number;
  /** Threads of the matrix products in its BLAS. */ readonly blas: number;
  /** Images with their channels last in memory. */ readonly channelsLast: boolean;
  /** The kernels that OpenBLAS is told to use, as `OPENBLAS_CORETYPE`; its own choice where undefined. */
  readonly kernels: string | undefined;
  readonly precision: Precision;
}

/** The settings that are worth a race: threads both ways, both layouts of images, and the kernels that the environment asks for. */
export function torchSettings(row: Row, precision: Precision): readonly TorchSetting[] {
  const layouts = row.encoder.name === 'resnet' ? [true, false] : [false];
  const threads = threadings(availableParallelism());
  const { OPENBLAS_CORETYPE: asked } = process.env;
  return [undefined, ...(asked ? [asked] : [])].flatMap((kernels) =>
    layouts.flatMap((channelsLast) => threads.map((both) => ({ ...both, channelsLast, kernels, precision }))),
  );
}

function threadings(processors: number): readonly Pick<TorchSetting, 'own' | 'blas'>[] {
  if (processors === 1) return [{ own: 1, blas: 1 }];
  return [
    { own: 1, blas: processors },
    { own: processors, blas: 1 },
    { own: processors, blas: processors },
  ];
}

/** Starts a script of bench/torch with a setting. */
export function torchCommand(torch: Torch, setting: TorchSetting, script: string, args: readonly string[]): Command {
  const { own, blas, channelsLast, kernels, precision } = setting;
  const path = fileURLToPath(new URL(`../torch/${script}`, import.meta.url));
  return {
    name: `PyTorch, ${own}×${blas} threads${channelsLast ? ', channels_last' : ''}${kernels ? `, ${kernels} kernels` : ''}`,
    file: torch.python,
    args: [
      path,
      ...args,
      ...['--threads', String(own), '--precision', precision, ...(channelsLast ? ['--channels-last'] : [])],
    ],
    env: {
      OPENBLAS_NUM_THREADS: String(blas),
      MKL_NUM_THREADS: String(blas),
      OPENBLAS_CORETYPE: kernels,
      ...(kernels === undefined && { OPENBLAS_L2_SIZE: undefined }),
    },
  };
}

/** PyTorch's side of a row. @param tensors what our side has saved */
export function torchRowCommand(torch: Torch, setting: TorchSetting, row: Row, tensors: string): Command {
  const [json, optimizer] = [JSON.stringify(row), JSON.stringify(optimizerSettings)];
  return torchCommand(torch, setting, 'serve.py', ['--row', json, '--optimizer', optimizer, '--tensors', tensors]);
}
