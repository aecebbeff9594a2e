import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { explain } from './explain';

let folder: string;
let config: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unlabel-explain-'));
  config = join(folder, 'config.yaml');
  await writeFile(
    config,
    `data: { dataset: fashion-mnist, range: [0, 64] }
views: small-image
encoder: { name: resnet, stem: small-image, blocks: [1], widths: [6], strides: [4] }
objective: simclr
training: { batchSize: 8, averageDecay: 0.99 }
backend: { name: onnx, without: [sumsOfSquares] }
`,
  );
});

afterEach(() => void vi.restoreAllMocks());
afterAll(() => rm(folder, { recursive: true }));

/** What the command prints. */
async function printed(flags: Partial<Parameters<typeof explain>[1]> = {}): Promise<string> {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await explain(config, { set: [], ...flags });
  return log.mock.calls.flat().join('\n');
}

test('prints a row for each pass that the config and the flags leave', async () => {
  const text = await printed({ without: ['reluGradients'] });
  expect(text).toMatch(/^pass +nodes +GFLOP/);
  expect(text).toMatch(/^simplify +\d+/m);
  expect(text).not.toMatch(/^(reluGradients|sumsOfSquares)/m);
});

test('prints the graph that was asked for, with the state of the run', async () => {
  const text = await printed({ print: 'after', set: ['training.batchSize=4'] });
  expect(text).toMatch(/= Conv\[.* from tf\.conv2d \(Conv2D\)/);
  expect(text).toContain('next/average/encoder/stem/conv/kernel = ');
  expect(text).toMatch(/input\/views\/0 float32\[4,/);
});

test.each([
  ['cpu', true],
  ['webgpu', false],
])(
  'shows what would run with %s: operators of ONNX Runtime and transformers in parts, or not',
  async (provider, own) => {
    const encoder = 'encoder={ name: vit, patchSize: 7, dim: 512, depth: 1, heads: 2 }';
    const set = [`backend={ name: onnx, provider: ${provider} }`, 'training={ batchSize: 32 }', encoder];
    const text = await printed({ print: 'after', set });
    expect(text.includes(' = FusedMatMul')).toBe(own);
    expect(text.includes('float32[16,28,28,1] = Slice')).toBe(own);
  },
);

test('refuses passes that do not exist', async () => {
  const unknown = expect.objectContaining({ code: 'UNKNOWN_NAME' });
  await expect(printed({ without: ['everything'] })).rejects.toEqual(unknown);
  await expect(printed({ print: 'everything' })).rejects.toEqual(unknown);
});
