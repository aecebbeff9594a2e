import { backendConformance } from '@unlabel/testkit';
import { test } from 'vitest';
import { webgpu } from './webgpu';

for (const { name, run } of backendConformance(webgpu())) test(name, run);
