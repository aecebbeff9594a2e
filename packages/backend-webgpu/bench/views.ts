import { byolViews, dinoViews, mocoV2Views, simclrViews } from '@unlabel/augment';
import { measureViews } from '../src/index';
import { noiseImage } from './noiseImage';

const recipes = {
  'SimCLR, 2 × 96': simclrViews({ size: 96 }),
  'MoCo v2, 2 × 96': mocoV2Views({ size: 96 }),
  'BYOL, 2 × 96': byolViews({ size: 96 }),
  'DINO, 2 × 96 and 8 × 40': dinoViews({ global: { size: 96 }, local: { size: 40 } }),
};
const batch = 64;

/** What a batch of image views takes. Rates of a software GPU say nothing, and are left out. */
export async function printViews(seconds: number, software: boolean): Promise<void> {
  const images = Array.from({ length: batch }, (_, index) => noiseImage(128, 128, index));
  console.log(`\nViews of ${batch} images of 128 × 128, float32, RGB\n`);
  console.log('| views | dispatches | MB to the GPU | MB of views, which stay there | views/s | on one CPU thread |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const [name, views] of Object.entries(recipes)) {
    const { dispatches, uploadedBytes, viewBytes, gpu, cpu } = await measureViews(views, images, { seconds });
    const bytes = [uploadedBytes, viewBytes].map((count) => (count / 1e6).toFixed(2));
    const rates = software ? ['–', '–'] : [gpu.toFixed(0), cpu.toFixed(0)];
    console.log(`| ${[name, dispatches.toFixed(1), ...bytes, ...rates].join(' | ')} |`);
  }
}
