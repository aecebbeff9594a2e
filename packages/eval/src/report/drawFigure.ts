import { UnlabelError } from '@unlabel/core';
import type { TopLevelSpec } from 'vega-lite';
import { colour } from './theme';

/**
 * Draws a vega-lite specification as SVG, with colours as the theme's CSS variables.
 * @throws UnlabelError `PEER_MISSING` where vega is not installed
 */
export async function drawFigure(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]).catch(
    (cause: unknown) => {
      throw new UnlabelError('PEER_MISSING', 'Figures need vega and vega-lite, which cannot be loaded.', {
        fix: 'Install them: npm install vega vega-lite',
        cause,
      });
    },
  );
  const view = new View(parse(compile({ background: 'transparent', padding: 4, config, ...spec }).spec), {
    renderer: 'none',
  });
  try {
    return slim(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Fonts and colours that all figures share. */
const config = {
  font: 'system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: colour('soft'),
    titleColor: colour('soft'),
    gridColor: colour('grid'),
    domain: false,
    ticks: false,
    labelFontSize: 11,
    titleFontSize: 11,
    titleFontWeight: 'normal',
    labelPadding: 6,
    titlePadding: 8,
    aria: false,
  },
  legend: {
    labelColor: colour('ink'),
    titleColor: colour('soft'),
    labelFontSize: 11,
    orient: 'top',
    title: null,
    symbolType: 'circle',
    symbolSize: 60,
    offset: 6,
    aria: false,
  },
  mark: { aria: false },
} satisfies TopLevelSpec['config'];

/** Leaves out what draws nothing: empty backgrounds, hidden labels, the accessibility of single marks. */
function slim(svg: string): string {
  return svg
    .replace(/<path class="(background|foreground)"[^>]*\/>/g, '')
    .replace(/<text [^>]*opacity="0"[^>]*>[^<]*<\/text>/g, '')
    .replace(/ (role|aria-roledescription|aria-hidden|pointer-events)="[^"]*"/g, '')
    .replace(/ font-family="[^"]*"/g, '')
    .replace(/^<svg /, `<svg font-family="${config.font}" `)
    .replace(/ opacity="1"/g, '')
    .replace(/ (d|transform|x2|y2)="[^"]*"/g, (attribute) => attribute.replace(/(\d\.\d\d)\d+/g, '$1'));
}
