/** Colours of classes, `[red, green, blue]`, told apart on light and dark and by most people who see colours otherwise. */
const palette = [
  [47, 111, 221],
  [217, 98, 43],
  [43, 157, 118],
  [190, 70, 150],
  [150, 120, 20],
  [95, 80, 200],
  [205, 60, 75],
  [30, 150, 190],
  [110, 150, 40],
  [150, 90, 60],
] as const;

/** The colour of a class; without one, that of text. */
export function colourOf(label: number | undefined, dark: boolean): readonly number[] {
  if (label === undefined) return dark ? [226, 230, 236] : [40, 48, 60];
  const colour = palette[label % palette.length] ?? [0, 0, 0];
  return dark ? colour.map((value) => Math.round(value + (255 - value) * 0.3)) : colour;
}
