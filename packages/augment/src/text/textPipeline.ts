import {
  type PortableReference,
  type RandomStream,
  type TextSample,
  UnlabelError,
  type ViewPipeline,
} from '@unlabel/core';
import { portable, rebuild } from '../portable';
import { requireCount } from '../requireCount';
import { drawnOf } from '../targets';
import { emptyText, encodeSome, framed, requireLength, type TextViewsOptions, textOutputs, writeView } from './frame';
import type { TextTransform } from './textTransform';
import type { Tokenizer } from './tokenizer';

/** What a pipeline makes of a text. */
export interface TextPipelineOptions extends TextViewsOptions {
  /** The kinds of view, in the order of the batch's `views/0`, `views/1`, … */ readonly views: readonly {
    /** How many views of this kind (default 1). */ readonly count?: number;
    /** What happens to the words, in this order (default nothing). */ readonly transforms?: readonly TextTransform[];
  }[];
}

/** What each transform of one view drew; `null` where it is left out. */
export type DrawnText = readonly unknown[];

/**
 * Composes transforms of words to a text pipeline. View N is `views/N`, int32 `[length]`: [CLS] tokens [SEP], padded;
 * `attention/N`, of the same shape, is 1 before the padding. Where there are transforms, words are what stands between
 * white space, and a single space joins them again.
 * @throws UnlabelError `INVALID_OPTION`; while drawing and rendering `SAMPLE_EMPTY` for a text without a word
 */
export function textPipeline(options: TextPipelineOptions): ViewPipeline<readonly DrawnText[], TextSample> {
  const { tokenizer, length = 128, views } = options;
  requireLength(length);
  const chains = views.flatMap(({ count = 1, transforms = [] }) => {
    requireCount({ count });
    return Array.from({ length: count }, () => transforms);
  });
  if (chains.length === 0) throw new UnlabelError('INVALID_OPTION', 'A pipeline needs one view or more.');
  const reference = pipelineReference(options);
  return {
    modality: 'text',
    outputs: Object.assign({}, ...chains.map((_, view) => textOutputs(view, length))),
    draw: (random, { text }) => chains.map((transforms) => drawText(transforms, random, text)),
    render: ({ text }, drawn, targets) => {
      for (const [view, transforms] of chains.entries()) {
        const parameters = drawnOf(drawn, view);
        const tokens =
          transforms.length === 0
            ? encodeSome(tokenizer, text)
            : tokenizer.encode(renderText(transforms, parameters, text));
        writeView(targets, view, framed(tokens, tokenizer, length), tokenizer);
      }
    },
    ...(reference && { portable: reference }),
  };
}

/** A pipeline's options with references in place of tokenizer and transforms. */
export interface PortableTextPipelineOptions {
  readonly tokenizer: PortableReference;
  readonly length?: number;
  readonly views: readonly { readonly count?: number; readonly transforms: readonly PortableReference[] }[];
}

/** Rebuilds a text pipeline from its `portable` reference, in a worker thread. @throws UnlabelError `PLUGIN_INVALID` */
export async function rebuildTextPipeline(
  options: PortableTextPipelineOptions,
): Promise<ViewPipeline<readonly DrawnText[], TextSample>> {
  const views = options.views.map(async ({ transforms, ...view }) => ({
    ...view,
    transforms: await Promise.all(transforms.map((transform) => rebuild<TextTransform>(transform))),
  }));
  const tokenizer = await rebuild<Tokenizer>(options.tokenizer);
  return textPipeline({ ...options, tokenizer, views: await Promise.all(views) });
}

/** Each transform is told how many words the ones before it leave. */
function drawText(transforms: readonly TextTransform[], random: RandomStream, text: string): DrawnText {
  let words = wordsOf(text);
  return transforms.map((transform) => {
    const drawn = transform.draw(random, words.length);
    if (drawn !== null) words = transform.apply(words, drawn);
    return drawn;
  });
}

function renderText(transforms: readonly TextTransform[], drawn: DrawnText, text: string): string {
  let words = wordsOf(text);
  for (const [index, transform] of transforms.entries()) {
    const parameters = drawn[index];
    if (parameters !== null) words = transform.apply(words, parameters);
  }
  return words.join(' ');
}

function wordsOf(text: string): readonly string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) throw emptyText(text);
  return words;
}

/** The pipeline's reference, or none as soon as one of its parts has none. */
function pipelineReference({ tokenizer, length, views }: TextPipelineOptions): PortableReference | undefined {
  if (!tokenizer.portable) return undefined;
  const parts: PortableTextPipelineOptions['views'][number][] = [];
  for (const { transforms = [], ...view } of views) {
    const references = transforms.flatMap((transform) => transform.portable ?? []);
    if (references.length < transforms.length) return undefined;
    parts.push({ ...view, transforms: references });
  }
  const options: PortableTextPipelineOptions = {
    tokenizer: tokenizer.portable,
    views: parts,
    ...(length !== undefined && { length }),
  };
  return portable('rebuildTextPipeline', options);
}
