import { simclrViews } from '@unlabel/augment';
import { adamw, constantSchedule, pretrain } from '@unlabel/core';
import { inMemory, loader } from '@unlabel/data';
import { simclr } from '@unlabel/losses-contrastive';
import { vit } from '@unlabel/models';
import type { WebgpuSession } from '../src/index';
import { noiseImage } from './noiseImage';

const places = {
  'on the GPU': (session: WebgpuSession) => ({ session }),
  'in one worker': () => ({ workers: 1 }),
  'on the main thread': () => ({ workers: 0 }),
};
const batchSize = 32;

/**
 * How much of training's time goes by in waiting for the loader, by where views are rendered. On the GPU they are part of the step.
 * @param steps in the epoch that counts, after one that does not
 */
export async function printTraining(session: WebgpuSession, steps: number): Promise<void> {
  const dataset = await inMemory(Array.from({ length: batchSize * steps }, (_, index) => noiseImage(96, 96, index)));
  console.log(`\nSimCLR of a ViT on ${batchSize} images of 96 × 96 a step, 2 views of 32 × 32\n`);
  console.log('| views | images/s | waiting for the loader |');
  console.log('| --- | ---: | ---: |');
  for (const [name, where] of Object.entries(places)) {
    const views = simclrViews({ size: 32 });
    const batches = loader({ dataset, views, batchSize, seed: 0, ...where(session) });
    const run = pretrain({
      batches,
      session,
      encoder: vit({ inputShape: [32, 32, 3], patchSize: 8, dim: 64, depth: 1, heads: 2 }),
      objective: simclr({ projector: [64, 32] }),
      optimizer: adamw(),
      epochs: 2,
      learningRate: () => constantSchedule(1e-3),
    });
    let [began, waitedBefore] = [0, 0];
    for await (const event of run) {
      if (event.type === 'epoch' && event.epoch === 0)
        [began, waitedBefore] = [performance.now(), batches.waitedSeconds];
      if (event.type !== 'end') continue;
      const seconds = (performance.now() - began) / 1000;
      const waited = ((100 * (event.waitedSeconds - waitedBefore)) / seconds).toFixed(1);
      console.log(`| ${name} | ${((batchSize * steps) / seconds).toFixed(1)} | ${waited} % |`);
    }
    await batches.dispose();
  }
}
