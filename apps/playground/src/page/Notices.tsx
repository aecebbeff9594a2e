import { backend, failure, notes, warnings } from './state';

/** What went wrong, what collapses, and what else there is to say. */
export function Notices() {
  const problem = failure.value;
  return (
    <div class="notices" aria-live="polite">
      {problem && (
        <div class="notice bad" role="alert" data-code={problem.code}>
          <p>
            {problem.message} {problem.fix}
          </p>
          <button type="button" onClick={dismiss} aria-label="Dismiss">
            ×
          </button>
        </div>
      )}
      {warnings.value.slice(-3).map(({ step, message }) => (
        <p key={`${step} ${message}`} class="notice warning">
          <b>Step {step}.</b> {message}
        </p>
      ))}
      {backend.value?.note && <p class="notice">{backend.value.note}</p>}
      {notes.value.map((note) => (
        <p key={note} class="notice">
          {note}
        </p>
      ))}
    </div>
  );
}

function dismiss(): void {
  failure.value = undefined;
}
