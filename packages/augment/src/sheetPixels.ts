import type { ImageSample } from '@unlabel/core';

/** A corner of what is drawn. */
export interface Corner {
  readonly left: number;
  readonly top: number;
}

/** Copies an image onto an RGB sheet, each of its pixels as a square of `zoom` pixels. Grey becomes RGB. */
export function paste(sheet: ImageSample, image: ImageSample, { left, top, zoom }: Corner & { readonly zoom: number }) {
  const { data, height, width, channels } = image;
  for (let row = 0; row < height * zoom; row++) {
    for (let column = 0; column < width * zoom; column++) {
      const from = (Math.floor(row / zoom) * width + Math.floor(column / zoom)) * channels;
      const to = ((top + row) * sheet.width + left + column) * 3;
      for (let channel = 0; channel < 3; channel++) {
        sheet.data[to + channel] = data[from + (channels === 3 ? channel : 0)] ?? 0;
      }
    }
  }
}

/** Fills a part of an RGB sheet with a grey. */
export function fillRectangle(
  sheet: ImageSample,
  { left, top, height, width }: Corner & { readonly height: number; readonly width: number },
  grey: number,
): void {
  for (let row = top; row < top + height; row++) {
    sheet.data.fill(grey, (row * sheet.width + left) * 3, (row * sheet.width + left + width) * 3);
  }
}

/** Digits of 3 × 5 dots, by rows. */
const digits = [
  '111101101101111',
  '010110010010111',
  '111001111100111',
  '111001111001111',
  '101101111001001',
  '111100111001111',
  '111100111101111',
  '111001010010010',
  '111101111101111',
  '111101111001111',
];
const dot = 2;

/** Writes a whole number onto an RGB sheet, 10 pixels high. */
export function writeNumber(sheet: ImageSample, number: number, { left, top }: Corner, grey: number): void {
  for (const [place, digit] of [...String(number)].entries()) {
    for (const [at, set] of [...(digits[Number(digit)] ?? '')].entries()) {
      if (set === '0') continue;
      const [row, column] = [Math.floor(at / 3), at % 3];
      const corner = { left: left + (place * 4 + column) * dot, top: top + row * dot };
      fillRectangle(sheet, { ...corner, height: dot, width: dot }, grey);
    }
  }
}
