import { registry } from './registry';

/** Options of a part by name, as a config holds them. */
export type Options = Readonly<Record<string, unknown>>;

/** What a person chooses. */
export interface Settings {
  /** `'fashion-mnist'`, or images that were dropped. */ readonly data: 'fashion-mnist' | 'own';
  /** Images to learn from. */ readonly images: number;
  readonly method: string;
  readonly methodOptions: Options;
  readonly encoder: EncoderName;
  readonly views: string;
  readonly viewOptions: Options;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly seed: number;
  /** Where to compute; `'auto'` takes the first that works. */ readonly backend: BackendChoice;
}

export type EncoderName = 'mlp' | 'resnet' | 'vit';
export type BackendChoice = 'auto' | 'webgpu' | 'onnx' | 'wasm' | 'cpu';

/** A config as `unlabel pretrain` takes it, as far as the page has a say in it. */
export interface RunConfig {
  readonly data: { readonly dataset: NamedPart };
  readonly views: NamedPart;
  readonly encoder: NamedPart;
  readonly objective: NamedPart;
  readonly optimizer: NamedPart;
  readonly training: {
    readonly epochs: number;
    readonly batchSize: number;
    readonly learningRate: number;
    readonly warmup: number;
    readonly seed: number;
  };
}

export interface NamedPart {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** An encoder small enough to train here while one watches. */
export interface SmallEncoder {
  readonly title: string;
  /** @param size height and width of views */ options(size: number): Options;
}

export const encoders: Readonly<Record<EncoderName, SmallEncoder>> = {
  vit: {
    title: 'ViT: attention over patches',
    options: (size) => ({ patchSize: Math.max(1, Math.floor(size / 4)), dim: 64, depth: 2, heads: 2 }),
  },
  mlp: { title: 'MLP: dense layers', options: () => ({ hidden: [256, 256], outputDim: 64 }) },
  resnet: {
    title: 'ResNet: convolutions',
    options: () => ({
      stem: 'small-image',
      stemWidth: 16,
      stemStride: 2,
      blocks: [1, 1],
      widths: [32, 64],
      strides: [2, 2],
      outputNorm: true,
    }),
  },
};

/** What the page begins with. */
export function firstSettings(): Settings {
  return {
    ...methodSettings('simclr', 'vit'),
    data: 'fashion-mnist',
    images: 2000,
    views: 'small-image',
    viewOptions: { size: 16, scale: [0.3, 1] },
    epochs: 40,
    batchSize: 128,
    seed: 0,
    backend: 'auto',
  };
}

const rates: Readonly<Record<EncoderName, number>> = { vit: 0.0015, mlp: 0.001, resnet: 0.003 };

/** What a method asks for: its options for small encoders, an encoder that it can train, a learning rate. */
export function methodSettings(
  method: string,
  encoder: EncoderName,
): Pick<Settings, 'method' | 'methodOptions' | 'encoder' | 'learningRate'> {
  const { small, traits } = registry.find('objective', method);
  const fitting = traits?.encoder === 'tokens' ? 'vit' : encoder;
  return {
    method,
    methodOptions: { ...(isOptions(small) ? small : {}), ...(method === 'simsiam' && { finalNorm: false }) }, // lets a collapse show
    encoder: fitting,
    learningRate: traits?.learningRate ?? rates[fitting],
  };
}

/** The views of a method: one, two, or two and smaller ones. */
function viewCounts(method: string): Options {
  const { views = 'pair' } = registry.find('objective', method).traits ?? {};
  if (views === 'one') return { views: 1 };
  return views === 'multi-crop' ? { local: { count: 2, size: 8, scale: [0.1, 0.4] } } : {};
}

/** The config of a run. @param channels of the images, 1 or 3 */
export function configOf(settings: Settings, channels: 1 | 3): RunConfig {
  const { data, method, methodOptions, encoder, views, viewOptions } = settings;
  const { epochs, batchSize, learningRate, seed } = settings;
  const size = typeof viewOptions.size === 'number' ? viewOptions.size : 16;
  return {
    data:
      data === 'fashion-mnist'
        ? { dataset: { name: 'fashion-mnist' } }
        : { dataset: { name: 'image-folder', root: 'path/to/your/images', channels } },
    views: { name: views, ...viewOptions, channels, ...viewCounts(method) },
    encoder: { name: encoder, inputShape: [size, size, channels], ...encoders[encoder].options(size) },
    objective: { name: method, ...methodOptions },
    optimizer: { name: 'adamw', weightDecay: 0.0001 },
    training: { epochs, batchSize, learningRate, warmup: 0.05, seed },
  };
}

export function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
