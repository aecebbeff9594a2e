import { definePlugin } from '@unlabel/core';
import { lejepaDefinition } from './definitions/lejepa';

/** The joint-embedding predictive objectives, by name. */
export const plugin = definePlugin('@unlabel/jepa', [lejepaDefinition]);
