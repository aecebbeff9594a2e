/** Where something stands on a sheet, in pixels. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly height: number;
  readonly width: number;
  /** By how much it is enlarged. */ readonly zoom: number;
}

/** Where all of a row stands; `top` counts from the top of the row. */
export interface SheetLayout {
  readonly original: Place;
  readonly views: readonly Place[];
  /** Of the whole sheet. */ readonly width: number;
  /** From one row to the next. */ readonly rowHeight: number;
  /** Between neighbours. */ readonly gap: number;
  /** Around everything. */ readonly margin: number;
  /** Height that a view's number takes, above it. */ readonly label: number;
}

const [gap, margin, label, enough] = [12, 20, 16, 112];

/**
 * Lays a row out: the original, then the views in order, in columns as high as the largest view. A column holds as many
 * views of one size as fit above one another.
 * @param sizes height and width of each view
 */
export function placesOf(sizes: readonly (readonly [number, number])[]): SheetLayout {
  const [tallest, widest] = [0, 1].map((axis) => Math.max(...sizes.map((size) => size[axis] ?? 1)));
  const zoom = Math.max(1, Math.round(enough / Math.max(tallest ?? 1, widest ?? 1)));
  const [height, cell] = [(tallest ?? 1) * zoom, (widest ?? 1) * zoom];
  const views: Place[] = [];
  let left = margin + cell + 2 * gap;
  for (let first = 0; first < sizes.length; ) {
    const [rows = 1, columns = 1] = sizes[first] ?? [];
    const capacity = Math.floor((label + height + gap) / (label + rows * zoom + gap));
    let count = 1;
    while (count < capacity && sizes[first + count]?.join() === [rows, columns].join()) count++;
    for (let at = 0; at < count; at++) {
      const top = label + at * (rows * zoom + label + gap);
      views.push({ left, top, height: rows * zoom, width: columns * zoom, zoom });
    }
    left += columns * zoom + gap;
    first += count;
  }
  const bottom = Math.max(label + height, ...views.map((place) => place.top + place.height));
  const original = { left: margin, top: label, height, width: cell, zoom: 1 };
  return { original, views, width: left - gap + margin, rowHeight: bottom + 2 * gap, gap: 2 * gap, margin, label };
}
