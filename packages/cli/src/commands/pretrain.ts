import { UnlabelError } from '@unlabel/core';
import { loadConfig } from '../config/loadConfig';
import { runAttended } from '../run/attended';

/** What `unlabel pretrain` takes. */
export interface PretrainFlags {
  readonly set: readonly string[];
  /** `true` where the folder is the config's or `--out`. */ readonly resume?: string | true;
  readonly out?: string;
}

/** Pretrains as a config file says, or goes on where an interrupted run stopped. */
export async function pretrain(path: string, { set, resume, out }: PretrainFlags): Promise<void> {
  const loaded = await loadConfig(path, { set });
  const folder = typeof resume === 'string' ? resume : (out ?? loaded.config.out);
  if (resume && folder === undefined) {
    throw new UnlabelError('INVALID_OPTION', '--resume does not say which run.', {
      fix: 'Name its folder: --resume runs/…',
    });
  }
  await runAttended(loaded, { resume: resume !== undefined, ...(folder === undefined ? {} : { out: folder }) });
}
