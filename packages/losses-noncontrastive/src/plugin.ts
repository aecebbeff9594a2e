import { definePlugin } from '@unlabel/core';
import { empSslDefinition } from './definitions/empSsl';
import { mmcrDefinition } from './definitions/mmcr';
import { vicregDefinition } from './definitions/vicreg';
import { wMseDefinition } from './definitions/wMse';

/** The non-contrastive objectives, by name. */
export const plugin = definePlugin('@unlabel/losses-noncontrastive', [
  empSslDefinition,
  mmcrDefinition,
  vicregDefinition,
  wMseDefinition,
]);
