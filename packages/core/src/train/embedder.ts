import type { BackendSession, ResidentState, Step } from '../backend';
import type { Encoder } from '../encoder';
import { UnlabelError } from '../errors';
import { type HostTensors, hostTensor, sizeOf } from '../hostTensor';
import { layerContext } from '../nn/layer';
import type { tf } from '../tf';

/** Turns inputs into features with frozen weights in evaluation mode. */
export interface Embedder {
  /**
   * @param inputs `[count, ...inputShape]`, row-major, preprocessed as in training
   * @returns features `[count, outputDim]`, row-major
   * @throws UnlabelError `SHAPE_MISMATCH`
   */
  embed(inputs: Float32Array, count: number): Promise<Float32Array>;
  dispose(): void;
}

const chunk = 250;

/** An embedder with weights of its own. @param weights the encoder's variables by their own names, as {@link pretrain} ends with */
export async function createEmbedder(
  session: BackendSession,
  encoder: Encoder,
  weights: HostTensors,
): Promise<Embedder> {
  const state = await session.createState(weights);
  const embedder = await residentEmbedder(session, encoder, state, (name) => name);
  return {
    embed: embedder.embed,
    dispose: () => {
      embedder.dispose();
      state.dispose();
    },
  };
}

/** An embedder on state that something else owns and changes. @param stateName where the state keeps an encoder variable */
export async function residentEmbedder(
  session: BackendSession,
  encoder: Encoder,
  state: ResidentState,
  stateName: (variable: string) => string,
): Promise<Embedder> {
  const step: Step<'features'> = ({ state: tensors, inputs, random }) => {
    const values = Object.fromEntries(
      Object.keys(encoder.variables).flatMap((name): [string, tf.Tensor][] => {
        const tensor = tensors[stateName(name)];
        return tensor ? [[name, tensor]] : [];
      }),
    );
    const { context } = layerContext(values, { training: false, random });
    const { inputs: batch } = inputs;
    if (!batch) throw new Error('The embedder was run without inputs.');
    return { outputs: { features: encoder.apply(batch, context) } };
  };
  const shape = [chunk, ...encoder.inputShape];
  const specs = Object.fromEntries(
    Object.entries(encoder.variables).map(([name, variable]) => [
      stateName(name),
      { shape: variable.shape, dtype: 'float32' as const },
    ]),
  );
  const compiled = await session.compile(step, { inputs: { inputs: { shape, dtype: 'float32' } }, state: specs });
  const size = sizeOf(encoder.inputShape);
  return {
    embed: async (inputs, count) => {
      if (inputs.length !== count * size) {
        throw new UnlabelError(
          'SHAPE_MISMATCH',
          `${inputs.length} values are not ${count} inputs of [${encoder.inputShape}].`,
          { fix: 'Give the encoder images of the size it was built for.' },
        );
      }
      const features = new Float32Array(count * encoder.outputDim);
      for (let start = 0; start < count; start += chunk) {
        const rows = Math.min(chunk, count - start);
        const padded = new Float32Array(chunk * size);
        padded.set(inputs.subarray(start * size, (start + rows) * size));
        const { features: part } = await compiled.run(state, { inputs: hostTensor(padded, shape) }, ['embed']);
        features.set(Float32Array.from(part.data).subarray(0, rows * encoder.outputDim), start * encoder.outputDim);
      }
      return features;
    },
    dispose: () => compiled.dispose(),
  };
}
