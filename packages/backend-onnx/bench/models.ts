import { type Encoder, type HostTensor, hostTensor, randomStream, sizeOf, type Variables } from '@unlabel/core';
import { mlp, resnet, vit } from '@unlabel/models';
import type { EncoderSpec, Row } from './rows';

/** The encoder of a row. */
export function encoderOf(spec: EncoderSpec): Encoder {
  if (spec.name === 'vit') return vit(spec);
  return spec.name === 'resnet' ? resnet(spec) : mlp(spec);
}

/** A batch of noise, `[batch, ...inputShape]`: the same at each call with the same name. */
export function noise({ batch, inputShape }: Row, name: string): HostTensor {
  const stream = randomStream([0, 'bench', name]);
  const shape = [batch, ...inputShape];
  return hostTensor(Float32Array.from({ length: sizeOf(shape) }, stream.normal), shape);
}

/** Those that training moves. */
export function trainable(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, variable]) => variable.trainable));
}

/** How many numbers they hold. */
export function countParameters(variables: Variables): number {
  return Object.values(trainable(variables)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
