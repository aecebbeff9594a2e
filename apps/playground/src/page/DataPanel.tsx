import { droppedFiles, filesOf } from './droppedFiles';
import { Labelled } from './Labelled';
import {
  choose,
  chooseData,
  decoding,
  listing,
  open,
  own,
  reading,
  restoring,
  settings,
  takeDrop,
  takeImages,
} from './state';

/** Which images to learn from. */
export function DataPanel() {
  const { data, images } = settings.value;
  return (
    <section class="panel">
      <h2>Images</h2>
      <fieldset disabled={open.value || reading.value || restoring.value}>
        <legend class="hidden">Which images</legend>
        <Labelled label="Fashion-MNIST, ten kinds of clothing" behind>
          {(ties) => (
            <input
              {...ties}
              type="radio"
              name="data"
              checked={data === 'fashion-mnist'}
              onChange={() => chooseData('fashion-mnist')}
            />
          )}
        </Labelled>
        {data === 'fashion-mnist' && (
          <Labelled label="How many">
            {(ties) => (
              <select
                {...ties}
                value={String(images)}
                onChange={(event) => choose({ images: Number(event.currentTarget.value) })}
              >
                {[500, 1000, 2000, 4000, 8000].map((count) => (
                  <option key={count} value={String(count)}>
                    {count.toLocaleString('en')}
                  </option>
                ))}
              </select>
            )}
          </Labelled>
        )}
        <Labelled label={own.value ? `Your ${own.value.count.toLocaleString('en')} images` : 'Your own images'} behind>
          {(ties) => (
            <input
              {...ties}
              type="radio"
              name="data"
              checked={data === 'own'}
              disabled={!own.value}
              onChange={() => chooseData('own')}
            />
          )}
        </Labelled>
        <div class="drop">
          <label class="button">
            Choose a folder
            <input type="file" ref={asFolders} multiple onChange={(event) => pick(event.currentTarget)} />
          </label>
          <span>or drop one anywhere. They stay on this machine.</span>
        </div>
      </fieldset>
      {listing.value !== undefined && <p>Looking through folders: {listing.value.toLocaleString('en')} files found</p>}
      {decoding.value && (
        <label>
          Reading images: {decoding.value.done.toLocaleString('en')} of {decoding.value.of.toLocaleString('en')}
          <progress max={decoding.value.of} value={decoding.value.done} />
        </label>
      )}
      <ul class="found" aria-live="polite">
        {own.value?.notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </section>
  );
}

function pick(input: HTMLInputElement): void {
  void takeImages(filesOf(input));
  input.value = '';
}

function asFolders(input: HTMLInputElement | null): void {
  if (input) input.webkitdirectory = true;
}

/** Lets folders be dropped anywhere on the page. */
export function acceptDrops(): void {
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => void drop(event));
}

async function drop(event: DragEvent): Promise<void> {
  event.preventDefault();
  await takeDrop((onFound) => droppedFiles(event.dataTransfer, onFound));
}
