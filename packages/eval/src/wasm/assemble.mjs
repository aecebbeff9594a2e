// Assembles dotProducts.wat into dotProductsWasm.ts. Run it after editing: node src/wasm/assemble.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

const source = readFileSync(new URL('dotProducts.wat', import.meta.url), 'utf8');
const { buffer } = (await wabt()).parseWat('dotProducts.wat', source, { simd: true }).toBinary({});
const base64 = Buffer.from(buffer).toString('base64');
writeFileSync(
  new URL('dotProductsWasm.ts', import.meta.url),
  `/** dotProducts.wat, assembled by assemble.mjs; base64. */\nexport const dotProductsWasm =\n  '${base64}';\n`,
);
