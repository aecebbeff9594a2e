import {
  type DeviceViews,
  type ImagePlan,
  type ImageSample,
  sizeOf,
  type TensorSpec,
  tf,
  UnlabelError,
  type ViewPipeline,
  viewSpecs,
} from '@unlabel/core';
import { eager, registeredDevice, type TfjsDevice } from '../device/tfjsDevice';
import { packImages } from './packImages';
import { blursOf, placeViews, type ViewItem, type ViewKind } from './placeViews';
import { blurProgram, cropProgram } from './viewPrograms';

/** A view pipeline on the GPU. */
export interface GpuViews<Parameters = unknown> extends DeviceViews<Parameters, ImageSample> {
  /**
   * Renders a batch. Inside a `tf.tidy` its tensors are disposed of as others are; elsewhere they are the caller's.
   * @param images the batch, of any sizes, 1 or more
   * @param parameters what the pipeline drew for each image
   * @returns the pipeline's outputs with the batch axis in front: `views/0` is float32 `[batch, height, width, channels]`
   * @throws UnlabelError `BACKEND_UNAVAILABLE` unless tfjs runs on a device of this package; `DEVICE_LOST`; `INVALID_OPTION`
   *   for images or views that the device cannot hold in one binding, and for parameters of other images or another pipeline
   */
  render(images: readonly ImageSample[], parameters: readonly Parameters[]): Record<string, tf.Tensor>;
  /** Bytes of pixels and parameters that were sent to the GPU so far. */
  uploadedBytes(): number;
}

/** One of the pipeline's views: its size, how it comes out of an image, how it is normalised. */
interface ViewKindAndStatistics extends ViewKind {
  readonly channels: number;
  /** Of the programs' uniforms. */ readonly uniforms: Readonly<Record<string, number>>;
}

/**
 * Renders batches of a pipeline's views on the GPU, from the parameters that the pipeline draws: the same views as on the
 * CPU, to float32 rounding, without leaving the GPU. A view takes one dispatch, and two more for each blur in its chain,
 * over the views that are blurred; batches of more than 128 MiB of pixels take as many for each 128 MiB.
 * @param pipeline a pipeline of images whose transforms all say what they do (`Transform.steps`): crops, mirrors, jitter,
 *   grayscale, blur and solarization do
 * @throws UnlabelError `INVALID_OPTION` for any other pipeline, with the names of the transforms that do not
 */
export function gpuViews<Parameters>(pipeline: ViewPipeline<Parameters>): GpuViews<Parameters> {
  const plan = requirePlan(pipeline);
  const kinds = kindsOf(plan, viewSpecs(pipeline));
  let uploaded = 0;
  const upload = (values: Int32Array | Float32Array) => {
    uploaded += values.byteLength;
    return tf.tensor1d(values, values instanceof Int32Array ? 'int32' : 'float32');
  };
  return {
    uploadedBytes: () => uploaded,
    render: (images, parameters) => {
      const device = requireDevice();
      requireBatch(images, parameters);
      const planned = images.map((image, index) => {
        const drawn = parameters[index];
        return drawn === undefined ? [] : plan.views(drawn, image);
      });
      const limit = device.device.limits.maxStorageBufferBindingSize;
      for (const kind of kinds) requireRoom(kind, images.length, limit);
      return tf.tidy(() => {
        const views: (tf.Tensor | undefined)[] = kinds.map(() => undefined);
        for (const { first, images: some, offsets, words } of packImages(images, limit)) {
          const pixels = upload(words);
          for (const [at, kind] of kinds.entries()) {
            const items = some.flatMap((image, index): ViewItem[] => {
              const view = planned[first + index]?.[at];
              return view ? [{ image, offset: offsets[index] ?? 0, index: first + index, view }] : [];
            });
            views[at] = renderKind(device, { kind, items, pixels, view: views[at], batch: images.length, upload });
          }
          pixels.dispose();
        }
        const named = views.flatMap((view, at) => (view ? [[`views/${at}`, view] as const] : []));
        return { ...Object.fromEntries(named), ...locationsOf(pipeline, planned) };
      });
    },
  };
}

interface KindOfBatch {
  readonly kind: ViewKindAndStatistics;
  readonly items: readonly ViewItem[];
  readonly pixels: tf.Tensor;
  /** Where other items of the batch were rendered to. */ readonly view: tf.Tensor | undefined;
  readonly batch: number;
  readonly upload: (values: Int32Array | Float32Array) => tf.Tensor;
}

/** Crops all items; then, blur by blur, those that have it. */
function renderKind({ dispatcher }: TfjsDevice, of: KindOfBatch): tf.Tensor {
  const { kind, items, pixels, batch, upload } = of;
  const { height, width, channels, uniforms, resize } = kind;
  const place = (some: readonly ViewItem[], segment: number) => {
    const { places, numbers } = placeViews(some, kind, segment);
    return [upload(places), upload(numbers)];
  };
  const parameters = place(items, 0);
  const [view = pixels] = dispatcher.run(cropProgram, {
    inputs: [pixels, ...parameters],
    outputs: [of.view ?? [batch, height, width, channels]],
    uniforms: {
      ...uniforms,
      cubic: resize.interpolation === 'bicubic' ? 1 : 0,
      antialias: resize.antialias ? 1 : 0,
    },
    groups: items.length,
    work: workOf(kind, items),
  });
  tf.dispose(parameters);
  const most = Math.max(0, ...items.map(({ view }) => blursOf(view)));
  for (let segment = 1; segment <= most; segment++) {
    const blurred = items.filter((item) => blursOf(item.view) >= segment);
    const weights = place(blurred, segment);
    const halfway = dispatcher.empty([blurred.length, height, width, channels]);
    dispatcher.run(blurProgram, {
      inputs: weights,
      outputs: [view, halfway],
      uniforms,
      groups: blurred.length,
    });
    tf.dispose([halfway, ...weights]);
  }
  return view;
}

/** Multiplications of the crops: the pixels that each pixel of the view blends. */
function workOf({ height, width, resize: { antialias, interpolation } }: ViewKind, items: readonly ViewItem[]): number {
  const taps = (length: number, count: number) =>
    (interpolation === 'bicubic' ? 4 : 2) * (antialias ? Math.max(1, length / count) : 1);
  const each = ({ view: { region } }: ViewItem) => taps(region.height, height) * taps(region.width, width);
  return items.reduce((sum, item) => sum + 8 * height * width * each(item), 0);
}

function kindsOf({ resize, mean, std }: ImagePlan, specs: readonly TensorSpec[]): readonly ViewKindAndStatistics[] {
  return resize.flatMap((each, at) => {
    const [height = 1, width = 1, channels = 1] = specs[at]?.shape ?? [];
    const statistics = [0, 1, 2].flatMap((channel) => {
      const scale = 1 / (std[channel] ?? 1);
      return [
        [`scale${channel}`, scale],
        [`shift${channel}`, -(mean[channel] ?? 0) * scale],
      ];
    });
    return {
      height,
      width,
      channels,
      resize: each,
      uniforms: { height, width, channels, ...Object.fromEntries(statistics) },
    };
  });
}

/** `locations/0`, …, of pipelines that tell them: four numbers for each image, from the CPU. */
function locationsOf(
  { outputs }: Pick<ViewPipeline, 'outputs'>,
  planned: readonly (readonly { readonly location?: readonly number[] }[])[],
): Record<string, tf.Tensor> {
  const names = Object.keys(outputs).filter((name) => name.startsWith('locations/'));
  return Object.fromEntries(
    names.map((name, at) => {
      const values = planned.flatMap((views) => views[at]?.location ?? []);
      return [name, tf.tensor(Float32Array.from(values), [planned.length, 4])];
    }),
  );
}

/** Whether {@link gpuViews} takes the pipeline. */
export function canRender(pipeline: ViewPipeline<unknown, unknown>): boolean {
  return obstacleTo(pipeline) === undefined;
}

function requirePlan<Parameters>(pipeline: ViewPipeline<Parameters>): ImagePlan<Parameters> {
  const { plan } = pipeline;
  const obstacle = obstacleTo(pipeline);
  if (plan && obstacle === undefined) return plan;
  throw new UnlabelError('INVALID_OPTION', obstacle ?? noPlan, {
    fix: 'Render these views with the pipeline itself, in the workers of a loader, or leave out what the GPU lacks.',
  });
}

const noPlan = 'The pipeline does not say what it does to images.';

function obstacleTo({ plan, outputs }: ViewPipeline<unknown, unknown>): string | undefined {
  if (!plan) return noPlan;
  if (plan.opaque.length > 0) return `No GPU program knows the transform ${plan.opaque.join(', ')}.`;
  const other = Object.keys(outputs).find((name) => !/^(views|locations)\/\d+$/.test(name));
  return other === undefined ? undefined : `No GPU program makes the output '${other}'.`;
}

function requireDevice(): TfjsDevice {
  const device = registeredDevice();
  if (device && tf.getBackend() === eager) return device;
  throw new UnlabelError('BACKEND_UNAVAILABLE', `Views are tensors of '${eager}', and tfjs is not on a device of it.`, {
    fix: `Open a session first, \`await webgpu().open()\`, or go back to it with \`tf.setBackend('${eager}')\`.`,
  });
}

function requireBatch(images: readonly ImageSample[], parameters: readonly unknown[]): void {
  if (images.length > 0 && images.length === parameters.length) return;
  throw new UnlabelError(
    'INVALID_OPTION',
    `There are ${images.length} images and parameters of ${parameters.length}.`,
    {
      fix: 'Give one image or more, and what the pipeline drew for each.',
    },
  );
}

function requireRoom({ height, width, channels }: ViewKindAndStatistics, batch: number, limit: number): void {
  if (4 * sizeOf([batch, height, width, channels]) <= limit) return;
  const most = Math.floor(limit / (4 * height * width * channels));
  throw new UnlabelError(
    'INVALID_OPTION',
    `This GPU holds ${most} views of ${height} × ${width} × ${channels} in a tensor, not ${batch}.`,
    { fix: 'Lower the batch size.' },
  );
}
