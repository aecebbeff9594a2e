import { batchNorm, conv2d, type Initializer, type Layer, ones, tf, variablesOf, zeros } from '@unlabel/core';

/** Two 3×3 convolutions, or 1×1, 3×3 and 1×1 with four times the channels at the end. */
export type Block = 'basic' | 'bottleneck';

/** Extents and geometry of a {@link residualBlock}. */
export interface ResidualBlockOptions {
  readonly block: Block;
  readonly inputChannels: number;
  /** Channels inside; a bottleneck puts out four times as many. */ readonly width: number;
  /** Of the first 3×3 convolution and of the shortcut. */ readonly stride: number;
  /** Whether the last norm's scale starts at 0. */ readonly zeroInitResidual: boolean;
}

/** A layer on images that says how many channels it puts out. */
export interface ResidualBlock extends Layer<tf.Tensor4D, tf.Tensor4D> {
  readonly outputChannels: number;
}

type ImageLayer = Layer<tf.Tensor4D, tf.Tensor4D>;

/**
 * relu(f(x) + shortcut(x)), where f is convolutions with batch norm and the shortcut is the identity, or a 1×1 convolution
 * with batch norm where the extents change.
 * Variables: `conv1/kernel`, `norm1/scale`, …, `shortcut/conv/kernel`, `shortcut/norm/scale`.
 * Input `[batch, height, width, inputChannels]`, output `[batch, height / stride, width / stride, outputChannels]`.
 * @see He et al., CVPR 2016, figures 2 and 5, https://arxiv.org/abs/1512.03385
 */
export function residualBlock(options: ResidualBlockOptions): ResidualBlock {
  const { block, inputChannels, width, stride } = options;
  const outputChannels = block === 'basic' ? width : 4 * width;
  const branch = branchOf(options, outputChannels);
  const layers = branch.flatMap(({ conv, norm }, index): [string, ImageLayer][] => [
    [`conv${index + 1}`, conv],
    [`norm${index + 1}`, norm],
  ]);
  const changes = stride !== 1 || inputChannels !== outputChannels;
  const shortcut = changes ? Object.entries(convNorm(inputChannels, outputChannels, 1, stride)) : [];
  const shortcutLayers = shortcut.map(([name, layer]): [string, ImageLayer] => [`shortcut/${name}`, layer]);
  return {
    outputChannels,
    variables: variablesOf(Object.fromEntries([...layers, ...shortcutLayers])),
    apply: (input, context) => {
      const residual = layers.reduce((value, [name, layer], index) => {
        const next = layer.apply(value, context.scope(name));
        return name.startsWith('norm') && index < layers.length - 1 ? tf.relu(next) : next;
      }, input);
      const kept = shortcutLayers.reduce((value, [name, layer]) => layer.apply(value, context.scope(name)), input);
      return tf.relu(tf.add(residual, kept));
    },
  };
}

/** f, each convolution with its norm. A bottleneck has its stride in the 3×3 convolution, as torchvision's. */
function branchOf(options: ResidualBlockOptions, outputChannels: number): readonly ConvNorm[] {
  const { block, inputChannels, width, stride, zeroInitResidual } = options;
  const lastScale = zeroInitResidual ? zeros : ones;
  if (block === 'basic') return [convNorm(inputChannels, width, 3, stride), convNorm(width, width, 3, 1, lastScale)];
  return [
    convNorm(inputChannels, width, 1, 1),
    convNorm(width, width, 3, stride),
    convNorm(width, outputChannels, 1, 1, lastScale),
  ];
}

type ConvNorm = Readonly<Record<'conv' | 'norm', ImageLayer>>;

function convNorm(
  inputChannels: number,
  outputChannels: number,
  kernelSize: number,
  stride: number,
  scaleInitializer: Initializer = ones,
): ConvNorm {
  return {
    conv: conv2d({ inputChannels, outputChannels, kernelSize, stride }),
    norm: batchNorm({ channels: outputChannels, scaleInitializer }),
  };
}
