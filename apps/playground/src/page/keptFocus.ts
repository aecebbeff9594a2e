import { useEffect, useRef } from 'preact/hooks';

/**
 * Keeps the keyboard's focus in a group of buttons that come and go: where the one that has it goes or is disabled, the
 * first that can be pressed takes it.
 * @returns a ref for the element around them
 */
export function useKeptFocus<Group extends HTMLElement>() {
  const group = useRef<Group>(null);
  const inside = useRef(false);
  useEffect(() => {
    const follow = ({ target }: Event) => {
      inside.current = target instanceof Node && group.current?.contains(target) === true;
    };
    document.addEventListener('focusin', follow);
    document.addEventListener('pointerdown', follow);
    return () => {
      document.removeEventListener('focusin', follow);
      document.removeEventListener('pointerdown', follow);
    };
  }, []);
  useEffect(() => {
    const { activeElement } = document;
    const lost = activeElement === document.body || activeElement?.matches(':disabled') === true;
    if (!inside.current || !lost) return;
    group.current?.querySelector<HTMLButtonElement>('button:enabled')?.focus({ preventScroll: true });
  });
  return group;
}
