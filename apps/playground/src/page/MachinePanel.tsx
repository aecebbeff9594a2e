import { signal } from '@preact/signals';
import type { MachineFigures, MeasuredSide } from '../run/protocol';
import { busy, figures, measure, measuring, restoring } from './state';

const copied = signal(false);

/** What the run that is chosen takes on this machine, and how much quicker its GPU is. */
export function MachinePanel() {
  const found = figures.value;
  return (
    <section class="panel" aria-label="This machine">
      <h2>This machine</h2>
      <p class="summary">How long the views and the step that are chosen take here, on the GPU and without.</p>
      <div class="buttons">
        <button type="button" disabled={busy.value || restoring.value || measuring.value} onClick={measureAnew}>
          {measuring.value ? 'Measuring …' : 'Measure on this machine'}
        </button>
        {found && !measuring.value && (
          <button type="button" onClick={() => copy(found)}>
            {copied.value ? 'Copied' : 'Copy'}
          </button>
        )}
      </div>
      {found && <Figures found={found} />}
    </section>
  );
}

function Figures({ found }: { readonly found: MachineFigures }) {
  return (
    <>
      <p class="summary" data-adapter>
        GPU: {found.adapter}.{found.software && ' That is no GPU: its figures say nothing of one.'}
      </p>
      <table class="figures">
        <tbody>
          {found.rows.map(({ what, sides }) => (
            <tr key={what}>
              <th scope="row">{what}</th>
              <td>
                {sides.map((side) => (
                  <span key={side.name}>
                    <b>{'why' in side ? '–' : amount(side)}</b> {side.name}
                    {'why' in side && <small class="field-hint">{side.why}</small>}
                  </span>
                ))}
              </td>
              <td class="ratio">{ratio(sides)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function measureAnew(): void {
  copied.value = false;
  void measure();
}

async function copy(found: MachineFigures): Promise<void> {
  await navigator.clipboard.writeText(asText(found));
  copied.value = true;
}

/** A table in Markdown, with what was measured on. */
export function asText({ adapter, rows }: MachineFigures): string {
  const lines = rows.map(({ what, sides }) => {
    const told = sides.map((side) => ('why' in side ? `– ${side.name}: ${side.why}` : `${amount(side)} ${side.name}`));
    return `| ${what} | ${told.join('; ')} | ${ratio(sides)} |`;
  });
  return [
    `GPU: ${adapter}`,
    `Browser: ${navigator.userAgent}`,
    '',
    '| what | here | ratio |',
    '| --- | --- | ---: |',
    ...lines,
    '',
  ].join('\n');
}

function amount(side: MeasuredSide): string {
  if ('rate' in side) return Math.round(side.rate).toLocaleString('en');
  if (!('milliseconds' in side)) return '–';
  return `${side.milliseconds >= 100 ? side.milliseconds.toFixed(0) : side.milliseconds.toPrecision(3)} ms`;
}

/** How many times quicker the first is than the second. */
function ratio([first, second]: readonly MeasuredSide[]): string {
  if (!first || !second) return '';
  if ('rate' in first && 'rate' in second) return times(first.rate / second.rate);
  if ('milliseconds' in first && 'milliseconds' in second) return times(second.milliseconds / first.milliseconds);
  return '';
}

function times(value: number): string {
  return `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)}×`;
}
