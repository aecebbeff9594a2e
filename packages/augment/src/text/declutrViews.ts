import type { PortableReference, RandomStream, TextSample, ViewPipeline } from '@unlabel/core';
import { portable, rebuild } from '../portable';
import { requireCount } from '../requireCount';
import { drawnOf } from '../targets';
import { encodeLatest, framed, requireLength, type TextViewsOptions, textOutputs, writeView } from './frame';
import type { Tokenizer } from './tokenizer';

/** Which spans of a document become views. */
export interface DeclutrViewsOptions extends TextViewsOptions {
  /** Tokens of a view, [CLS] and [SEP] included, 3 or more (default 514, for the longest span of the paper). */ readonly length?: number;
  /** P, spans near the anchor (default 1; the paper averages embeddings of 2). */ readonly positives?: number;
  /** ℓ_min, tokens of the shortest span (default 32), or all that there are. */ readonly shortest?: number;
}

/** A run of a text's tokens. */
export interface Span {
  readonly start: number;
  readonly count: number;
}

/**
 * An anchor span of a document, `views/0`, and spans, mostly shorter, that overlap or adjoin it, `views/1`, …; int32
 * `[length]`, each with its `attention/N`. Lengths are ℓ_min + p (ℓ_max − ℓ_min), with p ~ Beta(4, 2) for anchors and Beta(2, 4) for
 * positives, eqs. 1–4; ℓ_max is what fits into a view, or into the text where that is shorter.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY`
 * @see Giorgi et al., DeCLUTR, ACL 2021, section 3.1, https://arxiv.org/abs/2006.03659
 */
export function declutrViews(options: DeclutrViewsOptions): ViewPipeline<readonly Span[], TextSample> {
  const { tokenizer, length = 514, positives = 1, shortest = 32 } = options;
  requireLength(length);
  requireCount({ positives, shortest });
  const encode = encodeLatest(tokenizer);
  const views = Array.from({ length: positives + 1 }, (_, view) => view);
  return {
    modality: 'text',
    outputs: Object.assign({}, ...views.map((view) => textOutputs(view, length))),
    draw: (random, sample) => drawSpans(random, encode(sample).length, { positives, shortest, longest: length - 2 }),
    render: (sample, drawn, targets) => {
      for (const view of views) {
        const { start, count } = drawnOf(drawn, view);
        writeView(targets, view, framed(encode(sample).slice(start, start + count), tokenizer, length), tokenizer);
      }
    },
    ...(tokenizer.portable && {
      portable: portable('rebuildDeclutrViews', { ...options, tokenizer: tokenizer.portable }),
    }),
  };
}

/** Rebuilds the pipeline in a worker thread. */
export async function rebuildDeclutrViews(
  options: Omit<DeclutrViewsOptions, 'tokenizer'> & { readonly tokenizer: PortableReference },
): Promise<ViewPipeline<readonly Span[], TextSample>> {
  return declutrViews({ ...options, tokenizer: await rebuild<Tokenizer>(options.tokenizer) });
}

function drawSpans(
  random: RandomStream,
  tokens: number,
  { positives, ...bounds }: { readonly positives: number; readonly shortest: number; readonly longest: number },
): readonly Span[] {
  const longest = Math.min(bounds.longest, tokens);
  const shortest = Math.min(bounds.shortest, longest);
  const spanLength = (share: number) => Math.round(shortest + share * (longest - shortest));
  const between = (low: number, high: number) => low + random.integer(high - low + 1);
  const anchor = spanLength(beta(random, 4, 2));
  const start = between(0, tokens - anchor);
  const near = Array.from({ length: positives }, () => {
    const count = spanLength(beta(random, 2, 4));
    return { start: between(Math.max(0, start - count), Math.min(start + anchor, tokens - count)), count };
  });
  return [{ start, count: anchor }, ...near];
}

/** Beta(a, b) for whole a and b: the a-th smallest of a + b − 1 uniform numbers. */
function beta(random: RandomStream, a: number, b: number): number {
  const uniforms = Array.from({ length: a + b - 1 }, () => random.uniform()).sort((low, high) => low - high);
  return uniforms[a - 1] ?? 0;
}
