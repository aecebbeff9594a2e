// Compiles each kernel from AssemblyScript to WebAssembly in base64. Run it after editing: node src/wasm/assemble.mjs
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const folder = new URL('./', import.meta.url);

/** The kernels, each a module of its own: those that another file imports are none. */
export const kernels = readdirSync(folder)
  .filter((file) => file.endsWith('.as.ts') && file !== 'quad.as.ts')
  .map((file) => file.replace('.as.ts', ''));

/**
 * The module of `<name>.as.ts`, in base64. It imports its memory, so that all kernels share one.
 * @param {string} name
 */
export async function assemble(name) {
  let base64 = '';
  const options = '--outFile out.wasm --runtime stub --noAssert --importMemory --enable simd --use abort= -O3';
  const { error, stderr } = await asc.main([`${name}.as.ts`, ...options.split(' ')], {
    readFile: (file) => {
      try {
        return readFileSync(new URL(file, folder), 'utf8');
      } catch {
        return null; // the compiler tries several names
      }
    },
    writeFile: (_file, bytes) => {
      base64 = Buffer.from(bytes).toString('base64');
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${name}.as.ts does not compile.\n${stderr}`);
  return base64;
}

if (process.argv[1] === import.meta.filename) {
  for (const name of kernels) {
    const text = `/** ${name}.as.ts, compiled by assemble.mjs; base64. */\nexport const ${name}Wasm =\n  '${await assemble(name)}';\n`;
    writeFileSync(new URL(`${name}Wasm.ts`, folder), text);
  }
}
