// Assembles the .wat files here into .ts files beside them. Run it after editing: node src/wasm/assemble.mjs
// nearest.wat becomes two modules, one for a memory that threads share and one for a memory of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const { parseWat } = await wabt();

/** @param {string} file @param {(source: string) => string} edit */
function assemble(file, edit = (source) => source) {
  const source = edit(readFileSync(new URL(file, import.meta.url), 'utf8'));
  const { buffer } = parseWat(file, source, { simd: true, threads: true }).toBinary({});
  return Buffer.from(buffer).toString('base64');
}

/** @param {string} file @param {readonly (readonly [name: string, comment: string, base64: string])[]} modules */
function write(file, modules) {
  const constants = modules.map(
    ([name, comment, base64]) => `/** ${comment} */\nexport const ${name} =\n  '${base64}';\n`,
  );
  writeFileSync(new URL(file, import.meta.url), constants.join('\n'));
}

write('dotProductsWasm.ts', [
  ['dotProductsWasm', 'dotProducts.wat, assembled by assemble.mjs; base64.', assemble('dotProducts.wat')],
]);
const nearest = (memory) => assemble('nearest.wat', (source) => source.replace('MEMORY', memory));
write('nearestWasm.ts', [
  ['nearestWasm', 'nearest.wat, assembled by assemble.mjs; base64.', nearest('(memory 1)')],
  ['nearestSharedWasm', 'The same, for a memory that threads share.', nearest('(memory 1 65536 shared)')],
]);
