import type { DeviceViews, ViewPipeline } from '@unlabel/core';
import { drawSample, specsOfViews } from './renderBatch';
import type { Renderer } from './renderer';

/** Draws on the calling thread, from the same streams, and leaves the rendering to a session, when it runs its step. */
export function renderOnDevice(views: ViewPipeline<unknown, unknown>, device: DeviceViews): Renderer {
  return {
    ahead: false,
    crashes: 0,
    render: ({ samples, key }) => {
      const drawn = samples.map((sample) => drawSample(views, key, sample));
      const images = samples.map(({ sample }) => sample);
      const make = () => device.render(images, drawn);
      return { arrays: {}, onDevice: { specs: specsOfViews(views, samples.length), make } };
    },
    release: () => undefined,
    dispose: async () => undefined,
  };
}
