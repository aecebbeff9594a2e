/** A colour for light pages and one for dark. */
type Pair = readonly [light: string, dark: string];

/** The colours of pages and figures by the name of their CSS variable. */
export const colours = {
  page: ['#fbfaf8', '#141519'],
  card: ['#ffffff', '#1c1e24'],
  ink: ['#1d1f24', '#e9e7e2'],
  soft: ['#5d616b', '#a3a7b2'],
  line: ['#e3e0da', '#31343d'],
  grid: ['#ece9e4', '#2a2d35'],
  accent: ['#2f5fd0', '#86a8ff'],
  good: ['#1c7a4c', '#63cf97'],
  caution: ['#9a6200', '#efb458'],
  bad: ['#b3332f', '#ff8a80'],
  c0: ['#2f5fd0', '#86a8ff'],
  c1: ['#d9730d', '#ffab63'],
  c2: ['#16876c', '#4fd1ae'],
  c3: ['#b83a7d', '#f48bc2'],
  c4: ['#7a56c8', '#bb9dff'],
  c5: ['#97801c', '#e0c95a'],
  c6: ['#0f86a5', '#5cc8e6'],
  c7: ['#a34a33', '#e89a84'],
  c8: ['#5c7a1f', '#a9cc62'],
  c9: ['#6a6f7d', '#b4b9c6'],
} as const satisfies Readonly<Record<string, Pair>>;

/** The name of a colour of the theme. */
export type Colour = keyof typeof colours;

const categories = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9'] as const satisfies readonly Colour[];

/** How figures and styles refer to a colour. */
export function colour(name: Colour): string {
  return `var(--${name})`;
}

/** The colour of a category, class or line; past ten they repeat. */
export function categoryColour(index: number): string {
  return colour(categories[index % categories.length] ?? 'c0');
}

/** All colours as CSS variables, light or dark. */
export function colourVariables(dark: boolean): string {
  return Object.entries(colours)
    .map(([name, [light, night]]) => `--${name}:${dark ? night : light}`)
    .join(';');
}

/** A figure with the colours of light pages in place of variables, for files of its own. */
export function withLightColours(svg: string): string {
  return Object.entries(colours).reduce((text, [name, [light]]) => text.replaceAll(`var(--${name})`, light), svg);
}
