import {
  type PortableReference,
  type RandomStream,
  type TextSample,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import { portable, rebuild } from '../portable';
import { requireCount } from '../requireCount';
import { requireRange } from '../requireRange';
import { intTarget } from '../targets';
import { encodeLatest, framed, requireLength, type TextViewsOptions, textOutputs, writeView } from './frame';
import type { Tokenizer } from './tokenizer';

/** How BERT masks text. */
export interface BertViewsOptions extends TextViewsOptions {
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more (default 128, as in most of the paper's steps). */ readonly length?: number;
  /** Share of the tokens that are to be predicted (default 0.15). */ readonly share?: number;
  /** Most tokens that are (default 20, that of the authors' data pipeline for 128 tokens). */ readonly maxPredictions?: number;
  /** Probability that one of them becomes [MASK] (default 0.8). */ readonly mask?: number;
  /** Probability that one becomes another token, drawn uniformly (default 0.1); the rest stay as they are. */ readonly random?: number;
}

/** Which tokens of a view are to be predicted, in order, and what stands in their place. */
export interface DrawnMasking {
  /** Counted from [CLS], which is 0. */ readonly positions: readonly number[];
  readonly ids: readonly number[];
}

/**
 * Masked language modelling: one view with tokens masked, and what they were. All are int32 `[length]`: `views/0` the ids
 * with masks, `targets/0` those without, `masked/0` 1 where to predict, `attention/0` 1 before the padding. [CLS] and
 * [SEP] are never masked. The authors' code draws random tokens from all ids, special ones too; here from all others.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY` for a text without a token
 * @see Devlin et al., BERT, NAACL 2019, section 3.1 and appendix A.1, https://arxiv.org/abs/1810.04805
 */
export function bertViews(options: BertViewsOptions): ViewPipeline<DrawnMasking, TextSample> {
  const { tokenizer, length = 128 } = options;
  const mask = requireMasking(options);
  const encode = encodeLatest(tokenizer);
  const spec = { shape: [length], dtype: 'int32' } as const;
  return {
    modality: 'text',
    outputs: { ...textOutputs(0, length), 'targets/0': spec, 'masked/0': spec },
    draw: (random, sample) => drawMasking(random, framed(encode(sample), tokenizer, length), mask, options),
    render: (sample, { positions, ids }, targets) => {
      const whole = framed(encode(sample), tokenizer, length);
      writeView(targets, 0, whole, tokenizer);
      intTarget(targets, 'targets/0').set(intTarget(targets, 'views/0'));
      const [view, masked] = [intTarget(targets, 'views/0'), intTarget(targets, 'masked/0').fill(0)];
      for (const [index, position] of positions.entries()) {
        masked[position] = 1;
        view[position] = ids[index] ?? tokenizer.special.pad;
      }
    },
    ...(tokenizer.portable && {
      portable: portable('rebuildBertViews', { ...options, tokenizer: tokenizer.portable }),
    }),
  };
}

/** Rebuilds the pipeline in a worker thread. */
export async function rebuildBertViews(
  options: Omit<BertViewsOptions, 'tokenizer'> & { readonly tokenizer: PortableReference },
): Promise<ViewPipeline<DrawnMasking, TextSample>> {
  return bertViews({ ...options, tokenizer: await rebuild<Tokenizer>(options.tokenizer) });
}

/** Chooses max(1, round(share · tokens)) of the tokens, as many as `maxPredictions` at most, and what each becomes. */
function drawMasking(
  random: RandomStream,
  tokens: readonly number[],
  mask: number,
  { tokenizer, share = 0.15, maxPredictions = 20, mask: toMask = 0.8, random: toRandom = 0.1 }: BertViewsOptions,
): DrawnMasking {
  const candidates = tokens.length - 2;
  const wanted = Math.max(1, Math.round(share * tokens.length)); // of all, [CLS] and [SEP] included, as the authors count
  const positions = [...random.permutation(candidates).subarray(0, Math.min(wanted, maxPredictions))]
    .map((candidate) => candidate + 1)
    .sort((a, b) => a - b);
  const ids = positions.map((position) => {
    const choice = random.uniform();
    if (choice < toMask) return mask;
    return choice < toMask + toRandom ? ordinaryToken(random, tokenizer) : (tokens[position] ?? mask);
  });
  return { positions, ids };
}

/** A token that is no special one, each as likely as another. */
function ordinaryToken(random: RandomStream, { size, special }: Tokenizer): number {
  const reserved = [...new Set(Object.values(special))].sort((a, b) => a - b);
  let id = random.integer(size - reserved.length);
  for (const specialId of reserved) if (id >= specialId) id++;
  return id;
}

/** Checks the options. @returns the id of [MASK] */
function requireMasking(options: BertViewsOptions): number {
  const { tokenizer, length = 128, share = 0.15, maxPredictions = 20, mask = 0.8, random = 0.1 } = options;
  requireLength(length);
  requireRange({ share }, { most: 1 });
  requireRange({ mask, random }, { least: 0, most: 1 });
  if (mask + random > 1 + 1e-9) {
    throw new UnlabelError('INVALID_OPTION', `mask is ${mask} and random ${random}, together above 1.`, {
      fix: 'Give probabilities of which the rest is that of a token that stays.',
    });
  }
  requireCount({ maxPredictions });
  if (tokenizer.special.mask !== undefined) return tokenizer.special.mask;
  throw new UnlabelError('INVALID_OPTION', `The tokenizer '${tokenizer.name}' has no mask token.`, {
    fix: 'Choose one that was trained for masked language modelling, or say what its mask token is called.',
  });
}
