/** What is kept of the things that were read last. */
export interface RowGroupCache<Place, Content> {
  /** The content of a place, read unless it is kept; those who ask at once read once. */
  get(place: Place): Promise<Content>;
}

/** Keeps what was read last, up to so many bytes, and one thing in any case. What cannot be read is not kept. */
export function rowGroupCache<Place extends { readonly bytes: number }, Content>(
  maxBytes: number,
  read: (place: Place) => Promise<Content>,
): RowGroupCache<Place, Content> {
  const kept = new Map<Place, Promise<Content>>(); // in the order of their last use
  let total = 0;
  const drop = (place: Place) => {
    if (kept.delete(place)) total -= place.bytes;
  };
  return {
    get: (place) => {
      const known = kept.get(place);
      if (known) {
        kept.delete(place);
        kept.set(place, known);
        return known;
      }
      const content = read(place);
      kept.set(place, content);
      total += place.bytes;
      content.catch(() => drop(place));
      for (const oldest of kept.keys()) {
        if (total <= maxBytes || oldest === place) break;
        drop(oldest);
      }
      return content;
    },
  };
}
