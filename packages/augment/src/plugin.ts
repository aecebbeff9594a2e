import { definePlugin } from '@unlabel/core';
import { audioDefinition } from './definitions/audio';
import { bertDefinition } from './definitions/bert';
import { byolDefinition, byolSmallDefinition, mocoV3Definition } from './definitions/byol';
import { clipDefinition } from './definitions/clip';
import { colaDefinition } from './definitions/cola';
import { contrieverDefinition } from './definitions/contriever';
import { declutrDefinition } from './definitions/declutr';
import { dinoDefinition, dinoSmallDefinition } from './definitions/dino';
import { edaDefinition } from './definitions/eda';
import { evaluationDefinition } from './definitions/evaluation';
import { lejepaDefinition, lejepaSmallDefinition } from './definitions/lejepa';
import { mocoV2Definition, mocoV2SmallDefinition } from './definitions/mocoV2';
import { rowsDefinition } from './definitions/rows';
import { scarfDefinition } from './definitions/scarf';
import { simclrDefinition, simclrSmallDefinition } from './definitions/simclr';
import { simcseDefinition } from './definitions/simcse';
import { smallImageDefinition } from './definitions/smallImage';
import { swavDefinition, swavSmallDefinition } from './definitions/swav';
import { timeSeriesDefinition } from './definitions/timeSeries';
import { vicreglDefinition, vicreglSmallDefinition } from './definitions/vicregl';
import { vimeDefinition } from './definitions/vime';

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
  bertDefinition,
  simcseDefinition,
  edaDefinition,
  contrieverDefinition,
  declutrDefinition,
  audioDefinition,
  colaDefinition,
  timeSeriesDefinition,
  rowsDefinition,
  scarfDefinition,
  vimeDefinition,
  clipDefinition,
]);
