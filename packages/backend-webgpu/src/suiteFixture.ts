import { cpu, tf } from '@unlabel/core';
import { backendConformance, type ConformanceCase, opConformance } from '@unlabel/testkit';
import { registeredDevice } from './device/tfjsDevice';
import { inPlaceCases } from './inPlaceCasesFixture';
import { kernelCases } from './kernelCasesFixture';
import { require, requireNear } from './requireFixture';
import { smallProductCases } from './smallProductCasesFixture';
import { settingOf, train, trainings, valuesOf } from './trainingFixture';
import { webgpu } from './webgpu';

/** All that must hold on every host: in Node and in a browser. Run the cases in order. */
export function suite(): readonly ConformanceCase[] {
  return [
    ...backendConformance(webgpu()),
    ...opConformance(webgpu(), kernelCases()).map(onKernels),
    ...opConformance(webgpu(), smallProductCases()),
    ...inPlaceCases(),
    ...Object.keys(trainings).map(training),
    {
      name: 'the step leaves no tensors behind',
      run: async () => {
        const session = await webgpu().open();
        const before = tf.memory().numTensors;
        await train(session, settingOf('LeJEPA of a ViT'), 2);
        require(tf.memory().numTensors === before, `${tf.memory().numTensors} tensors, not ${before}`);
      },
    },
  ];
}

/** A case that must not pass on tfjs's own kernels alone. */
function onKernels({ name, run }: ConformanceCase): ConformanceCase {
  return {
    name,
    run: async () => {
      const before = registeredDevice()?.dispatcher.dispatches ?? 0;
      await run();
      require((registeredDevice()?.dispatcher.dispatches ?? 0) > before, 'No fused kernel was run.');
    },
  };
}

function training(name: string): ConformanceCase {
  return {
    name: `${name}: losses and parameters are those of cpu`,
    run: async () => {
      const expected = await train(await cpu().open(), settingOf(name));
      const found = await train(await webgpu().open(), settingOf(name));
      requireNear('losses', found.losses, expected.losses, 1e-4);
      for (const entry of Object.keys(expected.after)) {
        requireNear(entry, valuesOf(found.after, entry), valuesOf(expected.after, entry), 1e-4);
      }
    },
  };
}
