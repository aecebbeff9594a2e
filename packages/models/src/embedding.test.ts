import { type Backend, cpu, createEmbedder, type Encoder, initialise, wasm } from '@unlabel/core';
import { expect, test } from 'vitest';
import { mlp } from './mlp';
import { resnet } from './resnet';
import { vit } from './vit';

const inputShape = [16, 16, 1] as const;

async function embedded(backend: Backend, encoder: Encoder): Promise<Float32Array> {
  const session = await backend.open({ threads: 1 });
  const embedder = await createEmbedder(session, encoder, initialise(encoder.variables, 1));
  const features = await embedder.embed(
    Float32Array.from({ length: 2 * 256 }, (_, at) => Math.sin(at)),
    2,
  );
  embedder.dispose();
  await session.dispose();
  return features;
}

test.each<Encoder>([
  mlp({ inputShape }),
  resnet({ inputShape, blocks: [1, 1], widths: [4, 8] }),
  vit({ inputShape, patchSize: 4, dim: 16, depth: 2, heads: 2, pooling: 'cls', registers: 1 }),
])('$name embeds on wasm as on cpu', async (encoder) => {
  const [expected, actual] = [await embedded(cpu(), encoder), await embedded(wasm(), encoder)];
  expect(actual).toHaveLength(2 * encoder.outputDim);
  for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, 4);
  expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
});
