import { PictureCanvas } from './PictureCanvas';
import { lookAt, neighbours, samples, selected } from './state';
import { thumbnail } from './thumbnails';

/** The chosen sample and those whose features are nearest to its own. */
export function NeighbourPanel() {
  const [known, sample] = [samples.value, selected.value];
  if (!known || sample === undefined) return null;
  return (
    <section class="neighbours" aria-label="Nearest neighbours">
      <figure>
        <PictureCanvas picture={thumbnail(known, sample)} label={nameOf(sample)} />
        <figcaption>{nameOf(sample)}</figcaption>
      </figure>
      <span aria-hidden="true">nearest:</span>
      <ol>
        {neighbours.value.map(({ sample: other, similarity }, place) => (
          <li key={`place ${place}`}>
            <button
              type="button"
              class="plain"
              onClick={() => lookAt(other)}
              aria-label={`${nameOf(other)}, similarity ${similarity.toFixed(2)}`}
            >
              <PictureCanvas picture={thumbnail(known, other)} label="" />
              <small class="similarity">{similarity.toFixed(2)}</small>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The class of a sample where there are classes, else its name. */
function nameOf(sample: number): string {
  const { labels, classes = [], names = [] } = samples.value ?? {};
  return (labels && classes[labels[sample] ?? -1]) ?? names[sample] ?? '';
}
