import { definePlugin } from '@unlabel/core';
import { dinoDefinition } from './definitions/dino';
import { dinov2Definition } from './definitions/dinov2';
import { empSslDefinition } from './definitions/empSsl';
import { ibotDefinition } from './definitions/ibot';
import { mmcrDefinition } from './definitions/mmcr';
import { vicregDefinition } from './definitions/vicreg';
import { wMseDefinition } from './definitions/wMse';

/** The non-contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-noncontrastive', [
  dinoDefinition,
  dinov2Definition,
  empSslDefinition,
  ibotDefinition,
  mmcrDefinition,
  vicregDefinition,
  wMseDefinition,
]);
