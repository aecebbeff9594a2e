import { definePlugin } from '@unlabel/core';
import { simclrDefinition } from './definitions/simclr';

/** The contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-contrastive', [simclrDefinition]);
