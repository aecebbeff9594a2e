import { choose, decoding, open, own, settings, takeImages } from './state';

/** Which images to learn from. */
export function DataPanel() {
  const { data, images } = settings.value;
  return (
    <section class="panel" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <h2>Images</h2>
      <fieldset disabled={open.value}>
        <legend class="hidden">Which images</legend>
        <label class="switch">
          <input type="radio" name="data" checked={data === 'fashion-mnist'} onChange={() => choose({ data: 'fashion-mnist' })} />
          Fashion-MNIST, ten kinds of clothing
        </label>
        {data === 'fashion-mnist' && (
          <label>
            How many
            <select value={String(images)} onChange={(event) => choose({ images: Number(event.currentTarget.value) })}>
              {[500, 1000, 2000, 4000, 8000].map((count) => (
                <option key={count} value={String(count)}>
                  {count.toLocaleString('en')}
                </option>
              ))}
            </select>
          </label>
        )}
        <label class="switch">
          <input type="radio" name="data" checked={data === 'own'} disabled={!own.value} onChange={() => choose({ data: 'own' })} />
          {own.value ? `Your ${own.value.count.toLocaleString('en')} images` : 'Your own images'}
        </label>
        <div class="drop">
          <label class="button">
            Choose a folder
            <input type="file" webkitdirectory multiple onChange={(event) => pick(event.currentTarget)} />
          </label>
          <span>or drop one here. They stay on this machine.</span>
        </div>
      </fieldset>
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
  void takeImages(Array.from(input.files ?? []));
  input.value = '';
}

function drop(event: DragEvent): void {
  event.preventDefault();
  void takeImages(Array.from(event.dataTransfer?.files ?? []));
}
