import type { Identity } from '@unlabel/core';
import type { Config } from '../config/configSchema';

/**
 * What of a config decides the course of a run, by dotted path, beside what the training loop compares itself (data,
 * batch size, epochs, seed …). Output, evaluation and cadence of checkpoints may change between a run and its resumption.
 */
export function identityOf({ views, encoder, objective, optimizer, training }: Config): Identity {
  const { learningRate, schedule, warmup } = training;
  const deciding = { views, encoder, objective, optimizer, training: { learningRate, schedule, warmup } };
  return Object.fromEntries(leaves(deciding, []).map(([path, value]) => [path, JSON.stringify(value)]));
}

function leaves(value: unknown, path: readonly string[]): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path.join('.'), value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}
