import { hostScalar, sizeOf } from '@unlabel/core';
import { simclr } from '@unlabel/losses-contrastive';
import { byol } from '@unlabel/losses-noncontrastive';
import { mlp, vit } from '@unlabel/models';
import { registeredDevice, type TfjsDevice } from '../src/device/tfjsDevice';
import type { WebgpuSession } from '../src/index';
import { startTraining, type TrainingSetting } from '../src/trainingFixture';

const smallVit = () => vit({ inputShape: [28, 28, 1], patchSize: 7, dim: 64, depth: 2, heads: 2 });
const heads = { projector: [64, 32], predictor: [64, 32] };

const settings: Readonly<Record<string, () => TrainingSetting>> = {
  'SimCLR of the small ViT, batch 2': () => ({ encoder: smallVit(), objective: simclr(heads), batch: 2, views: 2 }),
  'SimCLR of the small ViT, batch 32': () => ({ encoder: smallVit(), objective: simclr(heads), batch: 32, views: 2 }),
  'BYOL of the small ViT, batch 32': () => ({ encoder: smallVit(), objective: byol(heads), batch: 32, views: 2 }),
  'SimCLR of a wide MLP, batch 16': () => ({
    encoder: mlp({ inputShape: [28, 28, 1] }),
    objective: simclr(heads),
    batch: 16,
    views: 2,
  }),
};

/** Most bytes at a time while a step computes gradients, and from the first kernel of clipping or an optimizer on. */
interface Phases {
  gradients: number;
  update: number;
}

/** What a step of AdamW holds at most, phase by phase: whether an update that writes where it reads could save any of it. */
export async function printPhases(session: WebgpuSession): Promise<void> {
  console.log('\n| AdamW step | parameters MB | state between steps | peak of gradients | peak of the update |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const [name, setting] of Object.entries(settings)) {
    const before = session.memory().bytes ?? 0;
    const { step, state, inputs } = await startTraining(session, setting());
    const parameters = Object.entries(state.specs).filter(([entry]) => !entry.startsWith('optimizer/'));
    let phases: Phases = { gradients: 0, update: 0 };
    for (const index of [0, 1]) {
      phases = await peaks(before, async () => {
        await step.run(state, { ...inputs, step: hostScalar(index) }, [1, 'step', index]);
      });
    }
    const resting = (session.memory().bytes ?? 0) - before;
    const bytes = [4 * parameters.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0), resting];
    const cells = [...bytes, phases.gradients, phases.update].map((count) => (count / 1e6).toFixed(2));
    console.log(`| ${[name, ...cells].join(' | ')} |`);
    state.dispose();
  }
}

async function peaks(before: number, run: () => Promise<void>): Promise<Phases> {
  const { backend, dispatcher } = requireDevice();
  const { bufferManager } = backend;
  const { acquireBuffer } = bufferManager;
  const dispatch = dispatcher.run;
  const phases: Phases = { gradients: 0, update: 0 };
  let phase: keyof Phases = 'gradients';
  dispatcher.run = (program, call) => {
    if (/^(squared norms|adam) of/.test(program.name)) phase = 'update';
    return dispatch(program, call);
  };
  bufferManager.acquireBuffer = (...request) => {
    const buffer = acquireBuffer.apply(bufferManager, request);
    phases[phase] = Math.max(phases[phase], bufferManager.numBytesUsed - before);
    return buffer;
  };
  await run();
  bufferManager.acquireBuffer = acquireBuffer;
  dispatcher.run = dispatch;
  return phases;
}

function requireDevice(): TfjsDevice {
  const device = registeredDevice();
  if (device) return device;
  throw new Error('There is no device.');
}
