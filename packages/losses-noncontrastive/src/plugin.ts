import { definePlugin } from '@unlabel/core';
import { vicregDefinition } from './definitions/vicreg';

/** The non-contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-noncontrastive', [vicregDefinition]);
