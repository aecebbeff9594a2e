import { readFileSync } from 'node:fs';
import { runSnippet } from '@unlabel/testkit';
import { expect, test } from 'vitest';

// docs/compiler.md walks through a new pass and a new lowering; what it says must run as it stands there.

const guide = readFileSync(`${import.meta.dirname}/../../../docs/compiler.md`, 'utf8');
const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
const [explaining = '', pass = '', passTest = '', lowering = '', loweringTest = ''] = blocks;

/** A file and its test as one module, in which `test` runs its body and prints the title. */
function together(file: string, fileTest: string, between = ''): string {
  const body = fileTest
    .replace(/^import .* from '\.\/(doubleNegation|angle)';\n/m, '')
    .replace("import { expect, test } from 'vitest';", "import { expect } from 'vitest';");
  const imports = [...body.matchAll(/^import .*\n/gm)].map(([line]) => line).join('');
  const rest = body
    .replaceAll(/^import .*\n/gm, '')
    .replace(/^test\('(.*?)', ((?:async )?\(\) => \{.*^\})\);/ms, 'await ($2)();\nconsole.log("$1");');
  return `${imports}${file}${between}${rest}`;
}

test('the snippet that explains a step prints a table, a graph and a count', async () => {
  const printed = (await runSnippet(explaining, import.meta.dirname)).join('\n');
  expect(printed).toMatch(/^pass +nodes/);
  expect(printed).toMatch(/^%\d+ float32\[32,1\] = MatMul/m);
  expect(printed).toMatch(/^1 product of transposed matrices$/m);
});

test('the pass does what its test says', async () => {
  const printed = await runSnippet(together(pass, passTest), `${import.meta.dirname}/passes`);
  expect(printed).toEqual(['two negations cancel out, one stays']);
});

test('the lowering does what its test says, once it is among the kernels', async () => {
  const registered = "import { kernels } from './kernels';\nkernels.set('Atan2', angleKernels.Atan2);\n";
  const printed = await runSnippet(together(lowering, loweringTest, registered), `${import.meta.dirname}/lowerings`);
  expect(printed).toEqual(['angles and their gradients agree in all four quadrants']);
});
