import { signal } from '@preact/signals';
import { registry } from '../run/registry';
import { OptionFields } from './OptionFields';
import { PictureCanvas } from './PictureCanvas';
import { choose, drawViews, open, settings, viewRows } from './state';

const draw = signal(0);

/** What the method sees of an image, and how it is made. */
export function ViewsPanel() {
  const { views, viewOptions } = settings.value;
  const again = () => {
    draw.value++;
    void drawViews(draw.value);
  };
  return (
    <section class="panel">
      <h2>Views</h2>
      <p class="summary">Each image is seen in several ways; the method learns what they have in common.</p>
      <div class="views" data-count={viewRows.value.length}>
        {viewRows.value.map(({ original, views: seen }, row) => (
          <div key={`${draw.value} ${row}`} class="view-row">
            <PictureCanvas picture={original} label={`Image ${row + 1}`} />
            <span aria-hidden="true">→</span>
            {seen.map((picture, view) => (
              <PictureCanvas key={`view ${view}`} picture={picture} label={`View ${view + 1} of image ${row + 1}`} />
            ))}
          </div>
        ))}
      </div>
      <button type="button" class="again" onClick={again}>
        Draw others
      </button>
      <details>
        <summary>How views are made</summary>
        <fieldset disabled={open.value}>
          <legend class="hidden">Options of the views</legend>
          <OptionFields
            definition={registry.find('augmentation', views)}
            values={viewOptions}
            without={['channels', 'views', 'normalise']}
            onChange={(values) => choose({ viewOptions: values })}
          />
        </fieldset>
      </details>
    </section>
  );
}
