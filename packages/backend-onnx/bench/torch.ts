import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Command } from './contender';
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

/** Where threads go: PyTorch's own loops and convolutions, or the matrix products of its BLAS. */
interface Threads {
  readonly own: number;
  readonly blas: number;
}

/** The ways of running PyTorch that are worth a race: threads both ways, and both layouts of images. */
export function torchCommands({ python }: Torch, row: Row, precision: Precision, tensors: string): Command[] {
  const layouts = row.encoder.name === 'resnet' ? [true, false] : [false];
  return layouts.flatMap((channelsLast) =>
    threadings(availableParallelism()).map(({ own, blas }) => ({
      name: `PyTorch, ${own}×${blas} threads${channelsLast ? ', channels_last' : ''}`,
      file: python,
      args: [
        fileURLToPath(new URL('../torch/serve.py', import.meta.url)),
        ...['--row', JSON.stringify(row), '--optimizer', JSON.stringify(optimizerSettings), '--tensors', tensors],
        ...['--threads', String(own), '--precision', precision, ...(channelsLast ? ['--channels-last'] : [])],
      ],
      env: { OPENBLAS_NUM_THREADS: String(blas), MKL_NUM_THREADS: String(blas) },
    })),
  );
}

function threadings(processors: number): readonly Threads[] {
  if (processors === 1) return [{ own: 1, blas: 1 }];
  return [
    { own: 1, blas: processors },
    { own: processors, blas: 1 },
    { own: processors, blas: processors },
  ];
}
