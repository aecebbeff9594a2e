import type { LabelledFeatures } from '@unlabel/core';
import { readGolden } from '@unlabel/testkit';

/** The features of golden/protocols.json, parted as they were for scikit-learn, and what it made of them. */
export async function protocolsGolden() {
  const { params, inputs, outputs } = await readGolden(new URL('../golden/protocols.json', import.meta.url));
  const [features, labels] = [inputs.features, inputs.labels];
  const dim = features?.shape[1] ?? 0;
  const split = Number(params.bank);
  const part = (from: number, to?: number): LabelledFeatures => {
    const own = Int32Array.from(labels?.data.slice(from, to) ?? []);
    const values = Float32Array.from(features?.data.slice(from * dim, to && to * dim) ?? []);
    return { features: values, count: own.length, dim, labels: own, classes: Number(params.classes) };
  };
  return {
    bank: part(0, split),
    queries: part(split),
    k: Number(params.k),
    temperature: Number(params.temperature),
    input: (name: string) => inputs[name]?.data ?? [],
    output: (name: string) => outputs[name]?.data ?? [],
  };
}
