import { definePlugin } from '@unlabel/core';
import { alignDefinition } from './definitions/align';
import { alignmentUniformityDefinition } from './definitions/alignmentUniformity';
import { clipDefinition } from './definitions/clip';
import { contrastiveRlDefinition } from './definitions/contrastiveRl';
import { dclDefinition, dclwDefinition } from './definitions/dcl';
import { mocoDefinition } from './definitions/moco';
import { mocoV3Definition } from './definitions/mocoV3';
import { nnclrDefinition } from './definitions/nnclr';
import { resslDefinition } from './definitions/ressl';
import { siglipDefinition } from './definitions/siglip';
import { simCseDefinition } from './definitions/simCse';
import { simclrDefinition } from './definitions/simclr';
import { supConDefinition } from './definitions/supCon';
import { swavDefinition } from './definitions/swav';
import { tripletDefinition } from './definitions/triplet';

/** The contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-contrastive', [
  alignDefinition,
  alignmentUniformityDefinition,
  clipDefinition,
  contrastiveRlDefinition,
  dclDefinition,
  dclwDefinition,
  mocoDefinition,
  mocoV3Definition,
  nnclrDefinition,
  resslDefinition,
  siglipDefinition,
  simclrDefinition,
  simCseDefinition,
  supConDefinition,
  swavDefinition,
  tripletDefinition,
]);
