import type { ImageSample, Modality, PairSample, TextSample } from '@unlabel/core';

/** Which parts of data with images and texts become samples: the images, both, or the texts. */
export type Parts = Extract<Modality, 'image' | 'pairs' | 'text'>;

/** The samples that these parts make. */
export type SampleOf<P extends Parts> = P extends 'pairs' ? PairSample : P extends 'text' ? TextSample : ImageSample;

/** Reads the parts of one sample. */
export interface PartReaders {
  image(index: number): Promise<ImageSample>;
  text(index: number): string | Promise<string>;
}

/** Reads a sample of the parts that are asked for, and nothing else. */
export async function readParts<P extends Parts>(parts: P, index: number, readers: PartReaders): Promise<SampleOf<P>> {
  const read = async (): Promise<ImageSample | PairSample | TextSample> => {
    if (parts === 'image') return readers.image(index);
    if (parts === 'text') return { text: await readers.text(index) };
    const [image, text] = await Promise.all([readers.image(index), readers.text(index)]);
    return { image, text };
  };
  return (await read()) as SampleOf<P>; // the compiler does not narrow P by the value of `parts`
}
