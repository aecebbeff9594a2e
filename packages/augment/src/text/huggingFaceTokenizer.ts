import { UnlabelError } from '@unlabel/core';
import { portable } from '../portable';
import type { SpecialTokens, Tokenizer } from './tokenizer';

/** Where a `tokenizer.json` is, and what its special tokens are called. */
export interface HuggingFaceTokenizerOptions {
  /** Path of the file, in Node; or its parsed content, which pages fetch themselves. */ readonly source:
    | string
    | object;
  /** Names of special tokens, where they are none of the usual: `{ pad: '<blank>' }`. */
  readonly special?: Readonly<Partial<Record<keyof SpecialTokens, string>>>;
  /** SHA-256 of the file, to refuse another one (default any). */ readonly sha256?: string;
}

const usualNames = {
  pad: ['[PAD]', '<pad>', '<|endoftext|>'],
  cls: ['[CLS]', '<s>', '<|startoftext|>', '<|endoftext|>'],
  sep: ['[SEP]', '</s>', '<|endoftext|>'],
  unk: ['[UNK]', '<unk>'],
  mask: ['[MASK]', '<mask>'],
} as const satisfies Record<keyof SpecialTokens, readonly string[]>;

const maxBytes = 256 * 2 ** 20;

/**
 * A trained tokenizer from a `tokenizer.json` of Hugging Face (BPE, WordPiece, Unigram), read by `@huggingface/tokenizers`.
 * One from a path is portable, and a worker thread refuses a file that has changed since.
 * @throws UnlabelError `TOKENIZER_INVALID`; `INVALID_OPTION` for special tokens that the vocabulary lacks
 */
export async function huggingFaceTokenizer(options: HuggingFaceTokenizerOptions): Promise<Tokenizer> {
  const { source, special: names = {} } = options;
  const file = typeof source === 'string' ? await readFile(source, options.sha256) : undefined;
  const tokenizer = await parse(file?.content ?? source, file ? String(source) : 'The tokenizer');
  const vocabulary = tokenizer.get_vocab(true);
  const special = specialTokens(vocabulary, names);
  const specialIds = new Set(Object.values(special));
  return {
    name: 'hugging-face',
    size: [...vocabulary.values()].reduce((most, id) => Math.max(most, id), 0) + 1,
    special,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) => {
      const tokens = Array.from(ids).filter((id) => !specialIds.has(id));
      return tokens.length === 0 ? '' : tokenizer.decode(tokens); // which refuses to decode nothing
    },
    ...(file && { portable: portable('huggingFaceTokenizer', { ...options, sha256: file.sha256 }) }),
  };
}

async function readFile(path: string, expected?: string): Promise<{ content: object; sha256: string }> {
  const [{ readFile: read, stat }, { createHash }] = await Promise.all([
    import('node:fs/promises'),
    import('node:crypto'),
  ]);
  const bytes = await stat(path)
    .then(({ size }) => (size <= maxBytes ? read(path) : Promise.reject(new Error(`it has ${size} bytes`))))
    .catch((cause) => {
      throw invalid(`${path} cannot be read: ${messageOf(cause)}.`, cause);
    });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (expected !== undefined && expected !== sha256) {
    throw invalid(`${path} is another file than it was: its SHA-256 is ${sha256}, not ${expected}.`);
  }
  try {
    return { content: JSON.parse(bytes.toString('utf8')), sha256 };
  } catch (cause) {
    throw invalid(`${path} is no JSON: ${messageOf(cause)}.`, cause);
  }
}

async function parse(content: unknown, name: string) {
  const { Tokenizer: HuggingFace } = await import('@huggingface/tokenizers');
  if (typeof content !== 'object' || content === null) throw invalid(`${name} is no tokenizer: it holds no object.`);
  try {
    return new HuggingFace(content, {});
  } catch (cause) {
    throw invalid(`${name} is no tokenizer: ${messageOf(cause)}.`, cause);
  }
}

function specialTokens(
  vocabulary: ReadonlyMap<string, number>,
  given: Readonly<Partial<Record<keyof SpecialTokens, string>>>,
): SpecialTokens {
  const find = (role: keyof SpecialTokens): number | undefined => {
    const name = given[role];
    const id = (name === undefined ? usualNames[role] : [name])
      .map((candidate) => vocabulary.get(candidate))
      .find((found) => found !== undefined);
    if (id === undefined && name !== undefined) throw missing(role, [name]);
    return id;
  };
  const required = (role: 'pad' | 'cls' | 'sep'): number => {
    const id = find(role);
    if (id === undefined) throw missing(role, usualNames[role]);
    return id;
  };
  const [unk, mask] = [find('unk'), find('mask')];
  return {
    pad: required('pad'),
    cls: required('cls'),
    sep: required('sep'),
    ...(unk !== undefined && { unk }),
    ...(mask !== undefined && { mask }),
  };
}

function missing(role: string, names: readonly string[]): UnlabelError {
  return new UnlabelError('INVALID_OPTION', `The vocabulary has no ${role} token: not ${names.join(', ')}.`, {
    fix: `Say what it is called: special: { ${role}: '…' }.`,
  });
}

function invalid(message: string, cause?: unknown): UnlabelError {
  return new UnlabelError('TOKENIZER_INVALID', message, { fix: 'Give the tokenizer.json of a model.', cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
