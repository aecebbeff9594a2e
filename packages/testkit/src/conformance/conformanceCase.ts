import { UnlabelError, type UnlabelErrorCode } from '@unlabel/core';

/** One requirement of a contract. Any test runner will do: `for (const { name, run } of cases) test(name, run);` */
export interface ConformanceCase {
  /** What must hold, as a sentence. */ readonly name: string;
  /** Rejects when it does not hold, with what was found. */
  run(): Promise<void>;
}

/** Throws unless a requirement holds. */
export function requireThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Throws unless a call is refused with one of these codes. */
export async function requireRefusal(
  call: () => unknown,
  codes: readonly UnlabelErrorCode[],
  what: string,
): Promise<void> {
  const found = await outcome(call);
  requireThat(
    codes.some((code) => UnlabelError.is(found.error, code)),
    `${what} must be refused with ${codes.join(' or ')}, but ${found.error === undefined ? 'went through' : `gave ${String(found.error)}`}.`,
  );
}

async function outcome(call: () => unknown): Promise<{ readonly error?: unknown }> {
  try {
    await call();
    return {};
  } catch (error) {
    return { error: error ?? 'nothing' };
  }
}
