import { portable } from '../portable';
import { firstIdCount, firstIds, type Tokenizer } from './tokenizer';

/**
 * One token for each byte of a text's UTF-8, after five special ones: 261 ids for every language, no file, nothing
 * unknown. Texts are some five times as long as in word pieces.
 * @see Xue et al., ByT5: towards a token-free future, TACL 2022, https://arxiv.org/abs/2105.13626
 */
export function byteTokenizer(): Tokenizer {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  return {
    name: 'bytes',
    size: firstIdCount + 256,
    special: firstIds,
    encode: (text) => Array.from(encoder.encode(text), (byte) => byte + firstIdCount),
    decode: (ids) => {
      const bytes = Array.from(ids, (id) => id - firstIdCount).filter((byte) => byte >= 0);
      return decoder.decode(Uint8Array.from(bytes));
    },
    portable: portable('byteTokenizer', {}),
  };
}
