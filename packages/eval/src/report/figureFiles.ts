import { UnlabelError } from '@unlabel/core';
import { drawFigures } from './figures';
import type { ReportData } from './reportData';
import { withLightColours } from './theme';

/** A figure as files, in the colours of light pages. */
export interface FigureFile {
  /** Without extension. */ readonly name: string;
  readonly title: string;
  readonly svg: string;
  /** Twice as many pixels as the SVG is wide, on white. */ readonly png: Uint8Array;
}

/**
 * Every figure of a report as SVG and PNG, for papers and slides. PNG uses the fonts of this machine.
 * @throws UnlabelError `PEER_MISSING` without vega or resvg
 */
export async function reportFigures(data: ReportData): Promise<readonly FigureFile[]> {
  const { Resvg } = await import('@resvg/resvg-js').catch((cause: unknown) => {
    throw new UnlabelError('PEER_MISSING', 'PNG figures need @resvg/resvg-js, which cannot be loaded.', {
      fix: 'Install it: npm install @resvg/resvg-js',
      cause,
    });
  });
  const figures = await drawFigures(data);
  return figures.map(({ name, title, svg }) => {
    const light = withLightColours(svg);
    const image = new Resvg(light, {
      background: 'white',
      fitTo: { mode: 'zoom', value: 2 },
      font: { loadSystemFonts: true, defaultFontFamily: 'sans-serif' },
    });
    return { name, title, svg: light, png: new Uint8Array(image.render().asPng()) };
  });
}
