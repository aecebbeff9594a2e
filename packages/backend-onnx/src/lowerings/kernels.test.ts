import { readdirSync, readFileSync } from 'node:fs';
import { tf } from '@unlabel/core';
import { expect, test } from 'vitest';
import { families, kernels } from './kernels';
import { refused } from './refused';

const files = readdirSync(import.meta.dirname).map((file) => ({
  file,
  text: readFileSync(`${import.meta.dirname}/${file}`, 'utf8'),
}));

/** The names of kernels, which tfjs exports as constants such as `tf.BatchMatMul`. */
const kernelsOfTfjs = Object.entries(tf).flatMap(([constant, kernel]) =>
  typeof kernel === 'string' && /^_?[A-Z]/.test(constant) && /^_?[A-Z]/.test(kernel) ? [kernel] : [],
);

test('every kernel of tfjs is lowered or refused with a reason, not both', () => {
  const decided = [...kernels.keys(), ...Object.keys(refused)];
  expect(kernelsOfTfjs.filter((kernel) => !decided.includes(kernel))).toEqual([]);
  expect(decided.length).toBe(new Set(decided).size);
});

test('every kernel belongs to tfjs', () => {
  const gradients = ['EluGrad', 'MaxPoolGrad', 'AvgPoolGrad', 'MaxPool3DGrad', 'AvgPool3DGrad'];
  const known = new Set([...kernelsOfTfjs, ...gradients]);
  expect([...kernels.keys(), ...Object.keys(refused)].filter((kernel) => !known.has(kernel))).toEqual([]);
});

test('every family of lowerings is in the map, and driven by a test that asks for a case of each of its kernels', () => {
  const tests = files.filter(({ file }) => file.endsWith('.test.ts')).map(({ text }) => text);
  const exported = files.flatMap(({ text }) =>
    [...text.matchAll(/^export const (\w+Kernels): Kernels/gm)].map(([, name = '']) => name),
  );
  expect(exported.length).toBe(Object.keys(families).length);
  expect(exported.filter((name) => !tests.some((text) => text.includes(`describeKernels(${name}, cases`)))).toEqual([]);
});

test('docs/kernels.md lists them', async () => {
  await expect(page()).toMatchFileSnapshot(`${import.meta.dirname}/../../../../docs/kernels.md`);
});

/** What the page says; `npx vitest run --project backend-onnx kernels.test -u` writes it. */
function page(): string {
  const supported = Object.entries(families).map(([family, members]) => {
    const names = Object.keys(members).map((kernel) => `\`${kernel}\``);
    return `| [${family}](../packages/backend-onnx/src/lowerings/${family}.ts) | ${names.join(', ')} |`;
  });
  const others = Object.entries(refused).map(([kernel, { reason, fix }]) => `| \`${kernel}\` | ${reason} | ${fix} |`);
  return `${[
    '# tfjs kernels in captured steps',
    '',
    'Every op of tfjs ends in kernels, mostly of the same name: `tf.matMul` in `BatchMatMul`, `tf.conv1d` in `Conv2D`,',
    '`tf.fused.matMul` in `_FusedMatMul`. Gradients have kernels of their own or are made of others. A test writes this page.',
    '',
    `## The ${kernels.size} that are captured`,
    '',
    '| family | kernels |',
    '| --- | --- |',
    ...supported,
    '',
    'Each is held against the `cpu` backend of tfjs, values and gradients, over shapes, strides and paddings that fast-check',
    'draws. There is no gradient of `TopK`, `GatherNd`, `ScatterNd`, `TensorScatterUpdate`, `SparseToDense`, `Cumprod`,',
    '`DepthToSpace`, `Diag`, and of convolutions with dilation. `tf.gather` of the indices of `tf.topk` gives its values, with',
    'their gradient.',
    '',
    `## The ${others.length} that are refused`,
    '',
    'With `CAPTURE_UNSUPPORTED_OP`, the op and the line:',
    '',
    '| kernel | because | instead |',
    '| --- | --- | --- |',
    ...others,
  ].join('\n')}\n`;
}
