import { useKeptFocus } from './keptFocus';
import {
  backend,
  busy,
  lasting,
  measuring,
  open,
  pause,
  reading,
  restoring,
  resume,
  saved,
  savedStep,
  speed,
  start,
  startOver,
  status,
  step,
  totalSteps,
} from './state';

/** The one button, how far the run is, and where it computes. */
export function RunBar() {
  const now = status.value;
  const unfinished = step.value < totalSteps.value;
  const buttons = useKeptFocus<HTMLDivElement>();
  return (
    <section class="run" aria-label="Run">
      <div class="buttons" ref={buttons}>
        {!open.value && (
          <button
            type="button"
            class="main"
            onClick={start}
            disabled={restoring.value || measuring.value || reading.value}
          >
            Train
          </button>
        )}
        {open.value && busy.value && (
          <button type="button" class="main" onClick={pause} disabled={now !== 'running'}>
            Pause
          </button>
        )}
        {open.value && !busy.value && unfinished && (
          <button
            type="button"
            class="main"
            onClick={resume}
            disabled={!saved.value || restoring.value || measuring.value}
          >
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
  const kept = lasting.value ? 'saved in this browser' : 'kept until this page is closed';
  const words = {
    empty: 'Ready. Press Train and watch.',
    preparing: 'Preparing images and encoder …',
    running:
      totalSteps.value > 0
        ? `Training${where}: ${steps}, ${Math.round(speed.value)} images a second`
        : `Starting${where} …`,
    pausing: 'Finishing the present step and saving …',
    paused:
      savedStep.value === step.value
        ? `Paused at ${steps}, ${kept}.`
        : `Stopped at ${steps}. Step ${savedStep.value} is ${kept}, and training goes on from there.`,
    finished: `Finished: ${totalSteps.value} steps, ${kept}.`,
  };
  return words[status.value];
}
