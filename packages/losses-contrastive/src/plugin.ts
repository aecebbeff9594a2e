import { definePlugin } from '@unlabel/core';
import { dclDefinition, dclwDefinition } from './definitions/dcl';
import { mocoDefinition } from './definitions/moco';
import { resslDefinition } from './definitions/ressl';
import { simclrDefinition } from './definitions/simclr';

/** The contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-contrastive', [
  dclDefinition,
  dclwDefinition,
  mocoDefinition,
  resslDefinition,
  simclrDefinition,
]);
