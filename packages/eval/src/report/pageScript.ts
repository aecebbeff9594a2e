/** What the map's script needs to know of each sample. */
export interface MapTexts {
  /** A title for each point, in their order. */ readonly titles: readonly string[];
  /** Columns and rows of the thumbnails, where there are any. */ readonly sprite?: readonly [
    columns: number,
    rows: number,
  ];
}

/** The page's script as text: two functions that know nothing but the page. */
export function pageScript(): string {
  return `'use strict';\n(${themeToggle.toString()})();\n(${mapHover.toString()})();`;
}

/** Lets a button switch between light and dark; runs in the page, so that it may use nothing from outside of itself. */
function themeToggle(): void {
  const button = document.querySelector('#theme');
  const root = document.documentElement;
  const dark = () =>
    root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const say = () => button?.setAttribute('aria-pressed', String(dark()));
  button?.removeAttribute('hidden');
  button?.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    say();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', say);
  say();
}

/** Shows the sample under the pointer, or the one that arrow keys have reached; runs in the page, as above. */
function mapHover(): void {
  const map = document.querySelector<HTMLElement>('#map-points');
  const tip = document.querySelector<HTMLElement>('#tip');
  const data = document.querySelector('#map-data')?.textContent;
  if (!map || !tip || !data) return;
  const { titles, sprite }: MapTexts = JSON.parse(data);
  const image = tip.querySelector<HTMLElement>('.thumb');
  const text = tip.querySelector('span:last-child');
  const marks = [...map.querySelectorAll<SVGElement>('.mark-symbol path')];
  let current = -1;
  const middle = (mark: SVGElement) => {
    const { left, top, width, height } = mark.getBoundingClientRect();
    return [left + width / 2, top + height / 2] as const;
  };
  const show = (index: number) => {
    const mark = marks[index];
    marks[current]?.classList.remove('active');
    current = mark ? index : -1;
    tip.hidden = !mark;
    if (!mark) return;
    mark.classList.add('active');
    if (text) text.textContent = titles[index] ?? '';
    if (image && sprite) {
      const [columns, rows] = sprite;
      const [column, row] = [index % columns, Math.floor(index / columns)];
      image.style.backgroundPosition = `${columns > 1 ? (100 * column) / (columns - 1) : 0}% ${rows > 1 ? (100 * row) / (rows - 1) : 0}%`;
    }
    const [x, y] = middle(mark);
    const box = map.getBoundingClientRect();
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const above = y - box.top - height - 10;
    tip.style.left = `${Math.max(0, Math.min(box.width - width, x - box.left - width / 2))}px`;
    tip.style.top = `${above >= 0 ? above : y - box.top + 12}px`;
  };
  map.addEventListener('pointermove', ({ clientX, clientY }) => {
    let [nearest, least] = [-1, 24 ** 2];
    marks.forEach((mark, index) => {
      const [x, y] = middle(mark);
      const distance = (x - clientX) ** 2 + (y - clientY) ** 2;
      if (distance < least) [nearest, least] = [index, distance];
    });
    if (nearest !== current) show(nearest);
  });
  map.addEventListener('pointerleave', () => show(-1));
  map.addEventListener('blur', () => show(-1));
  map.addEventListener('keydown', (event) => {
    const step = ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 } as Record<string, number>)[event.key]; // any key may come
    if (event.key === 'Escape') show(-1);
    if (step === undefined) return;
    event.preventDefault();
    show((current + step + marks.length) % marks.length);
  });
}
