import { UnlabelError } from '@unlabel/core';
import { currentSite, describeSite, opsOnStack } from './site';

const randomOps = /^(rand|dropout|multinomial|truncatedNormal|random.*)$/;

/** Refuses a constant that an op on the stack filled with random numbers: it would be the same in every step. */
export function refuseRandomConstant(): void {
  const op = opsOnStack().findLast((name) => randomOps.test(name));
  if (op !== undefined) throw frozen(`tf.${op}`);
}

/** Runs `body` with `Math.random` and `crypto.getRandomValues` refused. */
export function withoutMathRandom<T>(body: () => T): T {
  const random = Math.random;
  const own = Object.getOwnPropertyDescriptor(crypto, 'getRandomValues'); // none: it is the prototype's
  const refuse = (source: string) => () => {
    throw frozen(opsOnStack().length > 0 ? `tf.${opsOnStack().at(-1)}` : source);
  };
  Math.random = refuse('Math.random');
  const value = refuse('crypto.getRandomValues');
  Object.defineProperty(crypto, 'getRandomValues', { value, configurable: true });
  try {
    return body();
  } finally {
    Math.random = random;
    if (own) Object.defineProperty(crypto, 'getRandomValues', own);
    else Reflect.deleteProperty(crypto, 'getRandomValues');
  }
}

function frozen(source: string): UnlabelError {
  return new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `The step draws random numbers with ${source}${describeSite(currentSite())}; captured, they would be the same at every step.`,
    { fix: 'Draw them with step.random.normal(name, shape) or step.random.uniform(name, shape).' },
  );
}
