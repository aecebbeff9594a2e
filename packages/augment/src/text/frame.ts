import { type TensorSpec, type TextSample, UnlabelError, type ViewTargets } from '@unlabel/core';
import { intTarget } from '../targets';
import type { Tokenizer } from './tokenizer';

/** What every text pipeline is given. */
export interface TextViewsOptions {
  /** Turns text into ids. */ readonly tokenizer: Tokenizer;
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more: longer texts lose their end, shorter ones are padded. */ readonly length?: number;
}

/** @throws UnlabelError `INVALID_OPTION` unless there is room for a token between [CLS] and [SEP] */
export function requireLength(length: number): void {
  if (Number.isInteger(length) && length >= 3) return;
  throw new UnlabelError('INVALID_OPTION', `length is ${length}.`, {
    fix: 'Give a whole number of tokens, 3 or more.',
  });
}

/** Ids of a text view and where they are text, by name. */
export function textOutputs(view: number, length: number): Readonly<Record<string, TensorSpec>> {
  const spec = { shape: [length], dtype: 'int32' } as const;
  return { [`views/${view}`]: spec, [`attention/${view}`]: spec };
}

/** [CLS], as many tokens as there is room for, [SEP]. */
export function framed(tokens: readonly number[], { special }: Tokenizer, length: number): number[] {
  return [special.cls, ...tokens.slice(0, length - 2), special.sep];
}

/** Writes ids and, behind them, padding. */
export function writeView(targets: ViewTargets, view: number, ids: readonly number[], { special }: Tokenizer): void {
  intTarget(targets, `views/${view}`).fill(special.pad).set(ids);
  intTarget(targets, `attention/${view}`).fill(0).fill(1, 0, ids.length);
}

/** The tokens of a sample; those of the last one are kept, since what is drawn is rendered next. @throws UnlabelError `SAMPLE_EMPTY` */
export function encodeLatest(tokenizer: Tokenizer): (sample: TextSample) => readonly number[] {
  let latest: { readonly text: string; readonly tokens: readonly number[] } | undefined;
  return ({ text }) => {
    if (latest?.text !== text) latest = { text, tokens: encodeSome(tokenizer, text) };
    return latest.tokens;
  };
}

/** The tokens of a text, 1 or more. @throws UnlabelError `SAMPLE_EMPTY` */
export function encodeSome(tokenizer: Tokenizer, text: string): readonly number[] {
  const tokens = text.trim() === '' ? [] : tokenizer.encode(text);
  if (tokens.length > 0) return tokens;
  throw emptyText(text);
}

/** The error for a text of which nothing is left. */
export function emptyText(text: string): UnlabelError {
  return new UnlabelError('SAMPLE_EMPTY', `A text of ${text.length} characters has no word in it.`, {
    fix: 'Leave blank texts out of the data set.',
  });
}
