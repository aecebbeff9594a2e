import { type ImageSample, type Modality, type PairSample, type TextSample, UnlabelError } from '@unlabel/core';

/** Which parts of data with images and texts become samples: the images, both, or the texts. */
export type Parts = Extract<Modality, 'image' | 'pairs' | 'text'>;

/** The samples that these parts make. */
export type SampleOf<P extends Parts> = P extends 'pairs' ? PairSample : P extends 'text' ? TextSample : ImageSample;

/** Reads the parts of one sample. */
export interface PartReaders {
  image(index: number): Promise<ImageSample>;
  text(index: number): string | Promise<string>;
}

/**
 * Reads a sample of the parts that are asked for, and nothing else.
 * @throws UnlabelError `SAMPLE_UNREADABLE` for a text of white space alone, and what the readers throw
 */
export async function readParts<P extends Parts>(parts: P, index: number, readers: PartReaders): Promise<SampleOf<P>> {
  const textOf = async () => {
    const text = await readers.text(index);
    if (text.trim() !== '') return text;
    throw new UnlabelError('SAMPLE_UNREADABLE', `The text of sample ${index} is blank.`);
  };
  const read = async (): Promise<ImageSample | PairSample | TextSample> => {
    if (parts === 'image') return readers.image(index);
    if (parts === 'text') return { text: await textOf() };
    const [image, text] = await Promise.all([readers.image(index), textOf()]);
    return { image, text };
  };
  return (await read()) as SampleOf<P>; // the compiler does not narrow P by the value of `parts`
}
