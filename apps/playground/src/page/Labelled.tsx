import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface LabelledProps {
  readonly label: string;
  /** What to know of it. */ readonly hint?: string;
  /** What is wrong with what was given. */ readonly problem?: string | undefined;
  /** Whether the label stands behind, as with switches. */ readonly behind?: boolean;
  /** Draws the control with the attributes that tie it to label and hint. */
  children(ties: Ties): ComponentChildren;
}

interface Ties {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
}

/** A control with its label and a hint, tied together for whoever does not see them. */
export function Labelled({ label, hint = '', problem, behind = false, children }: LabelledProps) {
  const id = useId();
  const hintId = hint === '' ? undefined : `${id}hint`;
  return (
    <div class={behind ? 'field switch' : 'field'}>
      {!behind && <label for={id}>{label}</label>}
      {children({ id, 'aria-describedby': hintId })}
      {behind && <label for={id}>{label}</label>}
      {problem && (
        <small class="problem" role="alert">
          {problem}
        </small>
      )}
      {hintId && (
        <small id={hintId} class="field-hint">
          {hint}
        </small>
      )}
    </div>
  );
}
