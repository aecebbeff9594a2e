import { cpu, fastest, wasm } from '@unlabel/core';
import { describe, test } from 'vitest';
import { backendConformance } from './backend';

describe('cpu', () => {
  for (const { name, run } of backendConformance(cpu())) test(name, run);
});

describe('the fastest of two', () => {
  for (const { name, run } of backendConformance(fastest([{ ...cpu(), name: 'other' }, cpu()]))) test(name, run);
});

describe('wasm', () => {
  const unsupported = [
    'conv2d',
    'conv2d, stride 2, padded by 1',
    'conv2d, valid',
    'conv2d of single pixels, stride 2',
    'depthwiseConv2d',
    'maxPool',
    'maxPool, overlapping',
  ];
  for (const { name, run } of backendConformance(wasm(), { unsupported })) test(name, run);
});
