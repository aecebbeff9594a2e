import { afterEach, expect, test, vi } from 'vitest';
import { type Interruption, listenForInterruption } from './interruption';

let interruption: Interruption | undefined;
afterEach(() => {
  interruption?.dispose();
  vi.restoreAllMocks();
});

test('the first Ctrl-C asks the run to stop, the second ends the process with 130', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('exited');
  });
  const say = vi.fn();
  interruption = listenForInterruption(say);
  process.emit('SIGINT');
  expect(interruption.signal.aborted).toBe(true);
  expect(say).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('press Ctrl-C again'));
  expect(exit).not.toHaveBeenCalled();
  expect(() => process.emit('SIGINT')).toThrow('exited');
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});

test('nothing listens any more once it is disposed of', () => {
  const before = process.listenerCount('SIGINT');
  listenForInterruption(() => undefined).dispose();
  expect(process.listenerCount('SIGINT')).toBe(before);
});
