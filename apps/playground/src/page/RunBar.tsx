import { backend, busy, open, pause, resume, saved, speed, start, startOver, status, step, totalSteps } from './state';

/** The one button, how far the run is, and where it computes. */
export function RunBar() {
  const now = status.value;
  const unfinished = step.value < totalSteps.value;
  return (
    <section class="run" aria-label="Run">
      <div class="buttons">
        {!open.value && (
          <button type="button" class="main" onClick={start}>
            Train
          </button>
        )}
        {open.value && busy.value && (
          <button type="button" class="main" onClick={pause} disabled={now !== 'running'}>
            Pause
          </button>
        )}
        {open.value && !busy.value && unfinished && (
          <button type="button" class="main" onClick={resume} disabled={!saved.value}>
            Continue
          </button>
        )}
        {open.value && (
          <button type="button" onClick={startOver} disabled={now === 'pausing' || now === 'preparing'}>
            Start over
          </button>
        )}
      </div>
      <progress max={totalSteps.value || 1} value={step.value} aria-label="Steps made" />
      <p class="status">{sentence()}</p>
      <p class="hidden" role="status">
        {announcement()}
      </p>
    </section>
  );
}

/** What is told aloud: not every step. */
function announcement(): string {
  return status.value === 'running' ? 'Training' : sentence();
}

function sentence(): string {
  const where = backend.value ? ` on ${backend.value.name}` : '';
  const steps = `step ${step.value} of ${totalSteps.value}`;
  const words = {
    empty: 'Ready. Press Train and watch.',
    preparing: 'Preparing images and encoder …',
    running:
      totalSteps.value > 0
        ? `Training${where}: ${steps}, ${Math.round(speed.value)} images a second`
        : `Starting${where} …`,
    pausing: 'Finishing the present step and saving …',
    paused: `Paused at ${steps}, saved in this browser.`,
    finished: `Finished: ${totalSteps.value} steps, saved in this browser.`,
  };
  return words[status.value];
}
