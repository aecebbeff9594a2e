import { definePlugin } from '@unlabel/core';
import { byolDefinition, byolSmallDefinition, mocoV3Definition } from './definitions/byol';
import { dinoDefinition, dinoSmallDefinition } from './definitions/dino';
import { evaluationDefinition } from './definitions/evaluation';
import { lejepaDefinition, lejepaSmallDefinition } from './definitions/lejepa';
import { mocoV2Definition, mocoV2SmallDefinition } from './definitions/mocoV2';
import { simclrDefinition, simclrSmallDefinition } from './definitions/simclr';
import { smallImageDefinition } from './definitions/smallImage';
import { swavDefinition, swavSmallDefinition } from './definitions/swav';
import { vicreglDefinition, vicreglSmallDefinition } from './definitions/vicregl';

/** The augmentations of this package, by name. */
export const plugin = definePlugin('@unlabel/augment', [
  simclrDefinition,
  byolDefinition,
  mocoV2Definition,
  mocoV3Definition,
  swavDefinition,
  dinoDefinition,
  vicreglDefinition,
  lejepaDefinition,
  simclrSmallDefinition,
  byolSmallDefinition,
  mocoV2SmallDefinition,
  swavSmallDefinition,
  dinoSmallDefinition,
  vicreglSmallDefinition,
  lejepaSmallDefinition,
  smallImageDefinition,
  evaluationDefinition,
]);
