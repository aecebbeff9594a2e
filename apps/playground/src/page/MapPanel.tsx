import { useEffect, useRef } from 'preact/hooks';
import { colourOf } from './colours';
import { Labelled } from './Labelled';
import { drawScatter, type Placement, placementOf, type Scatter, sampleAt, sampleTowards } from './scatterPlot';
import { busy, frame, lookAt, mapSource, measuring, neighbours, samples, selected, showMap, status } from './state';
import { atlasOf } from './thumbnails';

const movement = 450; // milliseconds from one map to the next

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** The embedding as a moving map of thumbnails. */
export function MapPanel() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const shown = useRef<Scatter>(null);
  useEffect(() => (canvas.current ? animate(canvas.current, (scatter) => (shown.current = scatter)) : undefined), []);
  const click = (event: MouseEvent) => {
    if (event.detail === 0) return; // by keyboard
    const ratio = devicePixelRatio;
    const found = shown.current ? sampleAt(shown.current, event.offsetX * ratio, event.offsetY * ratio) : undefined;
    if (found !== undefined) void lookAt(found);
  };
  const key = (event: KeyboardEvent) => {
    const direction = directions[event.key];
    if (!direction || !frame.value) return;
    event.preventDefault();
    const from = selected.value;
    void lookAt(from === undefined ? 0 : sampleTowards(frame.value.points, from, direction));
  };
  return (
    <section class="map" aria-label="Map of the embedding">
      <button type="button" class="plot" aria-label={spoken()} onClick={click} onKeyDown={key}>
        <canvas ref={canvas} data-step={frame.value?.step} />
      </button>
      {!frame.value && <p class="empty">Here each image will lie beside those that the encoder takes for alike.</p>}
      <Legend />
      {frame.value && (
        <p class="hint">
          Two directions of most variance, at step {frame.value.step}. Click an image to see its neighbours.
        </p>
      )}
      {frame.value && <Source />}
    </section>
  );
}

function spoken(): string {
  const { count = 0 } = samples.value ?? {};
  if (count === 0 || !frame.value) return 'Map of the embedding, empty until training starts';
  return `Map of ${count} images by their features. Arrow keys move from image to image and show neighbours.`;
}

/** Chooses between the encoder's features and what the loss sees of them. */
function Source() {
  return (
    <Labelled label="Show what the loss sees: projections, where a collapse begins" behind>
      {(ties) => (
        <input
          {...ties}
          type="checkbox"
          checked={mapSource.value === 'projections'}
          disabled={(busy.value && status.value !== 'running') || measuring.value}
          onChange={(event) => void showMap(event.currentTarget.checked ? 'projections' : 'features')}
        />
      )}
    </Labelled>
  );
}

function Legend() {
  const { classes = [] } = samples.value ?? {};
  if (!frame.value || classes.length > 12) return null;
  return (
    <ul class="legend" aria-label="Classes, which training does not see">
      {classes.map((name, label) => (
        <li key={name} data-class={label % 10}>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** Draws whenever there is something new, and moves points from where they were. @returns how to stop */
function animate(canvas: HTMLCanvasElement, onScatter: (scatter: Scatter) => void): () => void {
  const context = canvas.getContext('2d');
  const [dark, still] = ['(prefers-color-scheme: dark)', '(prefers-reduced-motion: reduce)'].map((query) =>
    matchMedia(query),
  );
  let [from, to]: readonly Float32Array[] = [new Float32Array(), new Float32Array()];
  let began = 0;
  let placed: Placement | undefined;
  let atlas = samples.value && atlasOf(samples.value, (label) => colourOf(label, dark?.matches ?? false));
  let request = 0;

  const draw = () => {
    request = 0;
    if (!context || !atlas || !to) return;
    const share =
      still?.matches || from?.length !== to.length ? 1 : Math.min(1, (performance.now() - began) / movement);
    const eased = 1 - (1 - share) ** 3;
    const points = to.map((value, at) => (from?.[at] ?? value) * (1 - eased) + value * eased);
    const [width, height] = [canvas.clientWidth * devicePixelRatio, canvas.clientHeight * devicePixelRatio];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const goal = placementOf(to, width, height);
    placed = still?.matches ? goal : nearer(placed ?? goal, goal);
    const scatter: Scatter = {
      points,
      placement: placed,
      atlas,
      size: (Math.min(width, height) / 24) * (points.length > 1200 ? 1 : 1.3),
      selected: selected.value,
      near: neighbours.value.map(({ sample }) => sample),
      ink: getComputedStyle(canvas).color,
    };
    drawScatter(context, scatter);
    onScatter(scatter);
    if (share < 1 || Math.abs(placed.scale / goal.scale - 1) > 0.005) ask();
  };
  const ask = () => {
    if (request === 0) request = requestAnimationFrame(draw);
  };
  const colours = () => {
    atlas = samples.value && atlasOf(samples.value, (label) => colourOf(label, dark?.matches ?? false));
    ask();
  };
  const stops = [
    samples.subscribe(colours),
    frame.subscribe((next) => {
      [from, to, began] = [to ?? new Float32Array(), next?.points ?? new Float32Array(), performance.now()];
      ask();
    }),
    selected.subscribe(ask),
    neighbours.subscribe(ask),
  ];
  const sizes = new ResizeObserver(ask);
  sizes.observe(canvas);
  dark?.addEventListener('change', colours);
  return () => {
    for (const stop of stops) stop();
    sizes.disconnect();
    dark?.removeEventListener('change', colours);
    cancelAnimationFrame(request);
  };
}

/** A part of the way from one placement to another. */
function nearer(from: Placement, to: Placement): Placement {
  const between = (a: number, b: number) => a + (b - a) * 0.15;
  const centre = [between(from.centre[0], to.centre[0]), between(from.centre[1], to.centre[1])] as const;
  return { centre, scale: between(from.scale, to.scale) };
}
