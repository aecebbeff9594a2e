import { definePlugin } from '@unlabel/core';
import { barlowTwinsDefinition } from './definitions/barlowTwins';
import { byolDefinition } from './definitions/byol';
import { dinoDefinition } from './definitions/dino';
import { dinov2Definition } from './definitions/dinov2';
import { directClrDefinition } from './definitions/directClr';
import { empSslDefinition } from './definitions/empSsl';
import { frosslDefinition } from './definitions/frossl';
import { ibotDefinition } from './definitions/ibot';
import { mmcrDefinition } from './definitions/mmcr';
import { msnDefinition } from './definitions/msn';
import { pmsnDefinition } from './definitions/pmsn';
import { simsiamDefinition } from './definitions/simsiam';
import { ticoDefinition } from './definitions/tico';
import { vibcregDefinition } from './definitions/vibcreg';
import { vicregDefinition } from './definitions/vicreg';
import { vicreglDefinition } from './definitions/vicregl';
import { wMseDefinition } from './definitions/wMse';

/** The non-contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-noncontrastive', [
  barlowTwinsDefinition,
  byolDefinition,
  dinoDefinition,
  dinov2Definition,
  directClrDefinition,
  empSslDefinition,
  frosslDefinition,
  ibotDefinition,
  mmcrDefinition,
  msnDefinition,
  pmsnDefinition,
  simsiamDefinition,
  ticoDefinition,
  vibcregDefinition,
  vicregDefinition,
  vicreglDefinition,
  wMseDefinition,
]);
