import { definePlugin } from '@unlabel/core';
import { dclDefinition, dclwDefinition } from './definitions/dcl';
import { mocoDefinition } from './definitions/moco';
import { mocoV3Definition } from './definitions/mocoV3';
import { nnclrDefinition } from './definitions/nnclr';
import { resslDefinition } from './definitions/ressl';
import { simclrDefinition } from './definitions/simclr';

/** The contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-contrastive', [
  dclDefinition,
  dclwDefinition,
  mocoDefinition,
  mocoV3Definition,
  nnclrDefinition,
  resslDefinition,
  simclrDefinition,
]);
