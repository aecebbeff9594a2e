import { UnlabelError, type ViewTargets } from '@unlabel/core';

/** The float32 target of that name. @throws UnlabelError `INVALID_OPTION` where there is none */
export function floatTarget(targets: ViewTargets, name: string): Float32Array {
  const target = targets[name];
  if (target instanceof Float32Array) return target;
  throw missing(name, 'float32');
}

/** The int32 target of that name. @throws UnlabelError `INVALID_OPTION` where there is none */
export function intTarget(targets: ViewTargets, name: string): Int32Array {
  const target = targets[name];
  if (target instanceof Int32Array) return target;
  throw missing(name, 'int32');
}

/** The parameters of that view. @throws UnlabelError `INVALID_OPTION` where there are none */
export function drawnOf<Drawn>(drawn: readonly Drawn[], view: number): Drawn {
  const parameters = drawn[view];
  if (parameters !== undefined) return parameters;
  throw new UnlabelError('INVALID_OPTION', `There are no parameters for views/${view}.`, {
    fix: 'Give what this pipeline drew.',
  });
}

function missing(name: string, dtype: string): UnlabelError {
  return new UnlabelError('INVALID_OPTION', `There is no ${dtype} target for ${name}.`, {
    fix: 'Give a target for each of the outputs.',
  });
}
