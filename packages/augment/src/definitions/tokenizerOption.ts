import { z } from 'zod';
import type { Tokenizer } from '../text/tokenizer';

const special = z
  .strictObject({
    pad: z.string().exactOptional(),
    cls: z.string().exactOptional(),
    sep: z.string().exactOptional(),
    unk: z.string().exactOptional(),
    mask: z.string().exactOptional(),
  })
  .exactOptional()
  .describe('names of special tokens, where they are none of the usual');

/** How a config names a tokenizer. */
export const tokenizerOption = z
  .union([
    z.literal('bytes'),
    z.strictObject({ file: z.string().describe('path of a tokenizer.json'), special }),
    z.strictObject({ words: z.array(z.string()).min(1).describe('a vocabulary') }),
  ])
  .default('bytes')
  .describe("'bytes', a tokenizer.json of Hugging Face, or a list of words");

/** The tokenizer that a config names. @throws UnlabelError `TOKENIZER_INVALID`, `INVALID_OPTION` */
export async function namedTokenizer(named: z.output<typeof tokenizerOption>): Promise<Tokenizer> {
  if (named === 'bytes') return (await import('../text/byteTokenizer')).byteTokenizer();
  if ('words' in named) return (await import('../text/wordTokenizer')).wordTokenizer(named);
  const { huggingFaceTokenizer } = await import('../text/huggingFaceTokenizer');
  return huggingFaceTokenizer({ source: named.file, ...(named.special && { special: named.special }) });
}
