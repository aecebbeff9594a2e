import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { LabelledFeatures } from '@unlabel/core';
import { imagesUrl, labelsUrl } from '@unlabel/dataset-fashion-mnist';
import { beforeAll, expect, test } from 'vitest';
import { fewShot } from './fewShot';
import { linearProbe } from './linearProbe';
import { weightedKnn } from './weightedKnn';

let pixels = new Float32Array();
let labels = new Int32Array();

beforeAll(async () => {
  const [images, classes] = await Promise.all([readFile(imagesUrl), readFile(labelsUrl)]);
  pixels = Float32Array.from(gunzipSync(images).subarray(16), (byte) => (byte / 255 - 0.286) / 0.353);
  labels = Int32Array.from(gunzipSync(classes).subarray(8));
});

function rawPixels(from: number, to: number): LabelledFeatures {
  const features = pixels.slice(from * 784, to * 784);
  return { features, count: to - from, dim: 784, labels: labels.slice(from, to), classes: 10 };
}

/** Means over blocks of 4×4 pixels, `[count, 49]`: small enough to probe within a test. */
function thumbnails({ features, count, ...others }: LabelledFeatures): LabelledFeatures {
  const means = new Float32Array(count * 49);
  features.forEach((value, at) => {
    const pixel = at % 784;
    const block = Math.floor(pixel / 112) * 7 + Math.floor((pixel % 28) / 4);
    const mean = Math.floor(at / 784) * 49 + block;
    means[mean] = (means[mean] ?? 0) + value / 16;
  });
  return { ...others, features: means, count, dim: 49 };
}

test('raw pixels of Fashion-MNIST reach the kNN accuracy that PyTorch measures, 81.85 %', () => {
  expect(weightedKnn(rawPixels(0, 8000), rawPixels(8000, 10_000)).accuracy).toBeCloseTo(0.8185, 3);
});

test('on thumbnails, the probe beats few labels, which beat chance', () => {
  const [bank, queries] = [thumbnails(rawPixels(0, 2000)), thumbnails(rawPixels(8000, 10_000))];
  const full = linearProbe(bank, queries).accuracy;
  const few = fewShot(bank, queries, { draws: 3 });
  expect(full).toBeGreaterThan(0.76);
  expect(few.accuracy).toBeGreaterThan(0.6);
  expect(few.accuracy + few.confidence95).toBeLessThan(full);
});
