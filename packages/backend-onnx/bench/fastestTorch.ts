import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { medianStep, race, startContender } from './contender';
import { oursCommand } from './opponent';
import { type Precision, type RowName, rows } from './rows';
import { type Torch, type TorchSetting, torchRowCommand, torchSettings } from './torch';

/** The setting in which PyTorch runs a row's steps fastest. */
export async function fastestTorch(
  torch: Torch,
  row: RowName,
  precisions: readonly Precision[],
): Promise<TorchSetting | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'unlabel-bench-'));
  const tensors = join(folder, 'tensors.safetensors');
  try {
    const ours = await startContender(oursCommand({ row, precision: 'float32', threads: 1, tensors }));
    ours.close();
    let fastest: { readonly setting: TorchSetting | undefined; readonly milliseconds: number } | undefined;
    for (const precision of precisions) {
      const settings = torchSettings(rows[row], precision);
      const commands = settings.map((setting) => torchRowCommand(torch, setting, rows[row], tensors));
      const best = await race(commands);
      best?.close();
      if (!best || (fastest && fastest.milliseconds <= medianStep(best.turns))) continue;
      fastest = { setting: settings[commands.indexOf(best.command)], milliseconds: medianStep(best.turns) };
    }
    return fastest?.setting;
  } finally {
    await rm(folder, { recursive: true });
  }
}
