import { type ImageSample, randomStream, UnlabelError, type ViewPipeline, viewSpecs } from '@unlabel/core';
import { centreCrop } from './centreCrop';
import { displayed, displayedViews } from './displayedViews';
import type { Normalisation } from './normalise';
import { type Place, placesOf, type SheetLayout } from './sheetLayout';
import { fillRectangle, paste, writeNumber } from './sheetPixels';
import { defaultStatistics } from './statistics';
import { viewPipeline } from './viewPipeline';

/** What a contact sheet shows. */
export interface ContactSheetOptions {
  /** Seeds what is random (default 0). */ readonly seed?: number;
  /** Number of each image in its data set, so that its views are those of a run's first epoch (default 0, 1, …). */
  readonly indices?: readonly number[];
  /** What the views were normalised by, to undo it (default what recipes normalise by: ImageNet's or Fashion-MNIST's). */
  readonly normalise?: Normalisation;
}

const [paper, ink, frame] = [248, 96, 234];
const mostPixels = 50e6;

/**
 * What a model sees: a row for each image, with the image itself first and then its views, small ones at their true size
 * beside large ones, each under its number in the batch (`views/0`, …). Views below some 100 pixels are enlarged, all by the
 * same whole factor.
 * @param images what to show, 1 or more
 * @param views a pipeline of image views
 * @returns the sheet, RGB
 * @throws UnlabelError `INVALID_OPTION` for no images, a pipeline of something else, or a sheet above 50 million pixels
 */
export function contactSheet(
  images: readonly ImageSample[],
  views: ViewPipeline,
  options: ContactSheetOptions = {},
): ImageSample {
  const shapes = shapesOf(views);
  const layout = placesOf(shapes.map(([height = 1, width = 1]) => [height, width]));
  const sheet = blankSheet(layout, images.length);
  const { seed = 0, indices = images.map((_, index) => index), normalise } = options;
  const statistics = normalise ?? defaultStatistics(shapes[0]?.[2] === 1 ? 1 : 3);
  for (const [row, image] of images.entries()) {
    const top = layout.margin + row * layout.rowHeight;
    const at = (place: Place) => ({ ...place, top: place.top + top });
    drawOriginal(sheet, image, at(layout.original));
    const shown = displayedViews(image, views, randomStream([seed, 'views', 0, indices[row] ?? row]), statistics);
    for (const [view, place] of layout.views.entries()) {
      const { left, top: below, zoom } = at(place);
      writeNumber(sheet, view, { left, top: below - layout.label }, ink);
      const picture = shown[view];
      if (picture) paste(sheet, picture, { left, top: below, zoom });
    }
  }
  return sheet;
}

function shapesOf(views: ViewPipeline): readonly (readonly number[])[] {
  const shapes = viewSpecs(views).map(({ shape }) => shape);
  if ((views.modality ?? 'image') === 'image' && shapes.length > 0 && shapes.every(({ length }) => length === 3)) {
    return shapes;
  }
  throw new UnlabelError('INVALID_OPTION', 'A contact sheet shows views of images, and this pipeline makes none.', {
    fix: 'Give a pipeline of images.',
  });
}

function blankSheet(layout: SheetLayout, rows: number): ImageSample {
  if (rows === 0) {
    throw new UnlabelError('INVALID_OPTION', 'A contact sheet of no images was asked for.', { fix: 'Give 1 or more.' });
  }
  const [height, width] = [2 * layout.margin + rows * layout.rowHeight - layout.gap, layout.width];
  if (height * width > mostPixels) {
    throw new UnlabelError('INVALID_OPTION', `A sheet of ${rows} images would have ${height} × ${width} pixels.`, {
      fix: 'Show fewer images, or fewer or smaller views.',
    });
  }
  return { data: new Uint8Array(height * width * 3).fill(paper), height, width, channels: 3 };
}

/** The image as it is, as large as fits: small ones enlarged by a whole factor, large ones shrunk. */
function drawOriginal(sheet: ImageSample, image: ImageSample, place: Place): void {
  const fit = Math.min(place.height / image.height, place.width / image.width);
  const shown = fit >= 1 ? image : shrunk(image, fit);
  const zoom = Math.max(1, Math.floor(fit));
  fillRectangle(sheet, place, frame);
  const [height, width] = [shown.height * zoom, shown.width * zoom];
  const left = place.left + Math.floor((place.width - width) / 2);
  paste(sheet, shown, { left, top: place.top + Math.floor((place.height - height) / 2), zoom });
}

function shrunk(image: ImageSample, factor: number): ImageSample {
  const [height, width] = [image.height, image.width].map((side) => Math.max(1, Math.round(side * factor)));
  const size = [height ?? 1, width ?? 1] as const;
  const { channels } = image;
  const whole = viewPipeline({ channels, views: [{ size, crop: centreCrop({ aspect: image.width / image.height }) }] });
  const target = new Float32Array(size[0] * size[1] * channels);
  whole.render(image, whole.draw(randomStream(['contact sheet']), image), { 'views/0': target });
  const none = { mean: Array(channels).fill(0), std: Array(channels).fill(1) };
  return { data: displayed(target, none), height: size[0], width: size[1], channels };
}
