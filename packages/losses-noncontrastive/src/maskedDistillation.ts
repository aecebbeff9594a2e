import {
  type BoundObjective,
  type EncodedTokens,
  type Encoder,
  globalViewsOf,
  type LayerContext,
  type LossReport,
  moveTeacher,
  type NamedTensors,
  projectViews,
  requireTokenEncoder,
  scheduled,
  type TokenEncoder,
  teacherOf,
  tf,
  UnlabelError,
  type Variable,
  variablesOf,
  zeros,
} from '@unlabel/core';
import { updatedCenter } from './centring';
import type { DinoOptions } from './dino';
import { type DinoHead, dinoHead } from './dinoHead';
import { globalViewMasks, type MaskOptions } from './globalViewMasks';
import type { IbotCenters, IbotLogits } from './ibot';
import {
  centerVariable,
  requireLocalViews,
  type SelfDistillationOptions,
  selfDistillationSchedules,
} from './selfDistillation';

/** What iBOT and DINOv2 have in common, as methods. */
export interface MaskedDistillationOptions extends SelfDistillationOptions, MaskOptions {
  /** How many views, from the first, are global: of the encoder's inputShape (default 2). */ globalViews?: number;
  /** How many local crops the loader must give (default: any number). */ localViews?: number;
}

/** Those options where a method has settled what it differs in. */
export interface MaskedDistillationSettings extends MaskedDistillationOptions {
  readonly momentum: number;
  readonly centring: 'mean' | 'sinkhorn';
  /** Whether patches have a head of their own (default false). */ readonly patchHead?: boolean;
}

/** What a network makes of a batch. */
export interface MaskedOutputs extends IbotLogits {
  /** Features of the global views, `[views · batch, outputDim]`. */ readonly features: tf.Tensor2D;
}

/** What a loss is made from. */
export interface MaskedStep {
  /** Of all views, the global ones masked. */ readonly student: MaskedOutputs;
  /** Of the global views, whole. */ readonly teacher: MaskedOutputs;
  /** `[views · batch, tokens]`. */ readonly masks: tf.Tensor2D;
  readonly centers: IbotCenters;
  readonly temperatures: DinoOptions;
}

/**
 * Student with masked patches, teacher, heads, centres and schedules around an encoder; `lossOf` makes the loss.
 * @throws UnlabelError `INVALID_OPTION` for an encoder that does not fit, and for options out of their ranges
 */
export function maskedDistillation(
  name: string,
  encoder: Encoder,
  settings: MaskedDistillationSettings,
  lossOf: (step: MaskedStep) => Pick<LossReport, 'loss' | 'terms'>,
): BoundObjective {
  const { momentum, centring, centerMomentum = 0.9, studentTemperature = 0.1, globalViews = 2, localViews } = settings;
  const network = networkOf(requireTokenEncoder(encoder, name), settings);
  const followed = variablesOf({ ...network });
  const center = centerVariable(settings);
  return {
    variables: { ...followed, ...teacherOf(followed), maskToken: maskTokenOf(network), center, patchCenter: center },
    schedules: selfDistillationSchedules(settings, momentum),
    draws: globalViewMasks(gridOf(network), globalViews, settings),
    loss: ({ views, tensors, scalars }, context) => {
      const whole = views.slice(0, globalViewsOf(views, globalViews));
      const crops = views.slice(globalViews);
      requireLocalViews(crops.length, localViews);
      const masks = masksOf(tensors, whole.length);
      const live = scheduled(scalars, 'live');
      const student = outputsOf(learning(network, live), { whole, crops, masks }, context);
      const teacher = outputsOf(network, { whole, crops: [] }, context.scope('teacher'));
      const centers = nextCenters(teacher, context, centerMomentum);
      const temperatures = { studentTemperature, teacherTemperature: scheduled(scalars, 'teacherTemperature') };
      const step = { student, teacher, masks, temperatures };
      const report = lossOf({ ...step, centers: centring === 'mean' ? centers : { cls: centring, patches: centring } });
      return { ...report, projection: tf.concat2d(student.cls.slice(0, 1), 0) };
    },
    afterUpdate: ({ scalars }, context) => moveTeacher(context, followed, scheduled(scalars, 'momentum')),
  };
}

/** Encoder and heads, by the scope of their variables. */
interface Network {
  readonly encoder: TokenEncoder;
  /** Of views, and of patches where these have none of their own. */ readonly projector: DinoHead;
  readonly patchProjector?: DinoHead;
}

function networkOf(encoder: TokenEncoder, settings: MaskedDistillationSettings): Network {
  const { outputDim, tokenDim } = encoder;
  const projector = dinoHead(outputDim, settings);
  if (settings.patchHead) return { encoder, projector, patchProjector: dinoHead(tokenDim, settings) };
  if (outputDim === tokenDim) return { encoder, projector };
  throw new UnlabelError('INVALID_OPTION', `Features have ${outputDim} numbers, tokens ${tokenDim}.`, {
    fix: 'One head takes both: give an encoder whose features are as long as its tokens.',
  });
}

/** What a network is shown: global views, masked where there are masks, and crops. */
interface Shown {
  readonly whole: readonly tf.Tensor[];
  readonly crops: readonly tf.Tensor[];
  readonly masks?: tf.Tensor2D;
}

function outputsOf(network: Network, { whole, crops, masks }: Shown, context: LayerContext): MaskedOutputs {
  const { encoder, projector, patchProjector } = network;
  const { tokens, features } = encodeMasked(encoder, whole, context, masks);
  const [images, count, dim] = tokens.shape;
  const rows: tf.Tensor2D = tf.reshape(tokens, [images * count, dim]);
  const patches = patchProjector
    ? patchProjector.apply(rows, context.scope('patchProjector'))
    : projector.apply(rows, context.scope('projector'));
  const cls = tf.split<tf.Tensor2D>(projector.apply(features, context.scope('projector')), whole.length);
  const ofCrops =
    crops.length > 0 ? tf.split<tf.Tensor2D>(projectViews(crops, { encoder, projector }, context), crops.length) : [];
  return { cls: [...cls, ...ofCrops], patches: tf.reshape(patches, [images, count, -1]), features };
}

/** Global views through the encoder, all together, with the mask token in place of masked patches. */
function encodeMasked(
  encoder: TokenEncoder,
  views: readonly tf.Tensor[],
  context: LayerContext,
  masks?: tf.Tensor2D,
): EncodedTokens {
  const scope = context.scope('encoder');
  requireWhole(views, encoder);
  const patches = encoder.embed(tf.concat([...views], 0), scope);
  const shown = masks ? maskPatches(patches, masks, context.get('maskToken')) : patches;
  return encoder.encode(tf.add(shown, encoder.positions(scope)), scope);
}

function maskPatches(patches: tf.Tensor3D, masks: tf.Tensor2D, token: tf.Tensor): tf.Tensor3D {
  const masked = tf.expandDims(masks, 2); // products: the gradient of tf.where does not sum over what it broadcasts
  return tf.add(tf.mul(patches, tf.sub(1, masked)), tf.mul(masked, token));
}

/** The network whose prototypes see `live` times their gradient. */
function learning({ encoder, projector, patchProjector }: Network, live: tf.Scalar): Network {
  return {
    encoder,
    projector: projector.learning(live),
    ...(patchProjector && { patchProjector: patchProjector.learning(live) }),
  };
}

/** The centres of this step; moves those of the next. */
function nextCenters(
  teacher: MaskedOutputs,
  context: LayerContext,
  momentum: number,
): Record<'cls' | 'patches', tf.Tensor> {
  const [cls, patches] = [context.get('center'), context.get('patchCenter')];
  context.update('center', updatedCenter(cls, tf.concat2d([...teacher.cls], 0), { momentum }));
  const rows: tf.Tensor2D = tf.reshape(teacher.patches, [-1, patches.size]);
  context.update('patchCenter', updatedCenter(patches, rows, { momentum }));
  return { cls, patches };
}

function maskTokenOf({ encoder }: Network): Variable {
  return { shape: [encoder.tokenDim], initial: zeros, trainable: true };
}

function gridOf({ encoder: { grid, name } }: Network): readonly [number, number] {
  const [rows = 0, columns = 0] = grid;
  if (grid.length === 2) return [rows, columns];
  throw new UnlabelError('INVALID_OPTION', `The tokens of ${name} lie along ${grid.length} axes.`, {
    fix: 'Masks are rectangles: give an encoder of images.',
  });
}

/** The masks of all global views, `[views · batch, tokens]`. */
function masksOf(tensors: NamedTensors, views: number): tf.Tensor2D {
  const masks = Array.from({ length: views }, (_, view): tf.Tensor2D => {
    const mask = tensors[`masks/${view}`];
    if (mask) return tf.reshape(mask, [mask.shape[0] ?? 0, -1]);
    throw new UnlabelError('VARIABLE_MISSING', `The batch has no masks/${view}.`, { fix: 'Draw it, as `draws` says.' });
  });
  return tf.concat2d(masks, 0);
}

/** @throws UnlabelError `SHAPE_MISMATCH` unless all views have the encoder's inputShape */
export function requireWhole(views: readonly tf.Tensor[], { inputShape }: TokenEncoder): void {
  const other = views.find((view) => view.shape.slice(1).join() !== inputShape.join());
  if (!other) return;
  throw new UnlabelError(
    'SHAPE_MISMATCH',
    `A global view is [${other.shape}], but the encoder's inputShape [${inputShape}].`,
    {
      fix: 'Global views come first and have the inputShape; smaller crops follow.',
    },
  );
}
