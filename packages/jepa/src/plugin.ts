import { definePlugin } from '@unlabel/core';
import { ijepaDefinition } from './definitions/ijepa';
import { lejepaDefinition } from './definitions/lejepa';
import { visregDefinition } from './definitions/visreg';

/** The joint-embedding predictive objectives, by name. */
export const plugin = definePlugin('@unlabel/jepa', [ijepaDefinition, lejepaDefinition, visregDefinition]);
