import { fileURLToPath } from 'node:url';
import type { Command } from './lineProcess';
import { type Precision, type RowName, rows } from './rows';
import { type Torch, torchRowCommand, torchSettings } from './torch';

/** Who stands on the other side: PyTorch, or another form of ourselves. */
export type Opponent =
  | { readonly kind: 'torch'; readonly torch: Torch }
  /** With parts of the compiler left out. */
  | { readonly kind: 'without'; readonly passes: string }
  /** `ours.js` of an earlier build. */
  | { readonly kind: 'baseline'; readonly file: string };

/** What a row is run with. */
export interface RowSetting {
  readonly row: RowName;
  /** Of PyTorch. */ readonly precision: Precision;
  /** Of ONNX Runtime. */ readonly threads: number;
  /** Where our side leaves first weights and views. */ readonly tensors: string;
}

/** Starts our side. */
export function oursCommand(setting: RowSetting, file = fileURLToPath(new URL('./ours.js', import.meta.url))): Command {
  const { row, threads, tensors } = setting;
  return {
    name: `ONNX Runtime, ${threads} threads`,
    file: process.execPath,
    args: [file, '--row', row, '--threads', String(threads), '--tensors', tensors],
  };
}

/** The ways of starting the other side, of which the fastest will count. */
export function opponentCommands(opponent: Opponent, setting: RowSetting): readonly Command[] {
  if (opponent.kind === 'torch') {
    const { torch } = opponent;
    const row = rows[setting.row];
    return torchSettings(row, setting.precision).map((one) => torchRowCommand(torch, one, row, setting.tensors));
  }
  const copy = { ...setting, tensors: `${setting.tensors}.again` };
  if (opponent.kind === 'baseline') return [{ ...oursCommand(copy, opponent.file), name: opponent.file }];
  const { args, ...command } = oursCommand(copy);
  return [{ ...command, name: `without ${opponent.passes}`, args: [...args, '--without', opponent.passes] }];
}
