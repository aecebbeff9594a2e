import {
  type Encoder,
  globalViewsOf,
  type LossReport,
  mlpHead,
  moveTeacher,
  type Objective,
  projectViews,
  prototypes,
  requireTokenEncoder,
  scheduled,
  type TokenEncoder,
  teacherMomentum,
  teacherOf,
  tf,
  UnlabelError,
  variablesOf,
} from '@unlabel/core';
import { requireWhole } from './maskedDistillation';
import { requireLocalViews } from './selfDistillation';

/** What MSN and PMSN have in common, as methods. */
export interface MaskedSiameseOptions {
  /** Share of the patches of global anchors that is left out, in (0, 1) (default 0.15). */ maskRatio?: number;
  /** How many prototypes (default 1024). */ prototypes?: number;
  /** Widths of the projector after the encoder's own; batch norm and GELU between (default `[2048, 2048, 256]`). */
  projector?: readonly number[];
  /** m, share of the teacher in its next self, in [0, 1]; rises to 1 by a cosine (default 0.996). */ momentum?: number;
  /** How many local crops the loader must give (default: any number). */ localViews?: number;
}

/** A loss of anchors, targets and prototypes. */
type SiameseLoss = (
  anchors: tf.Tensor2D,
  targets: tf.Tensor2D,
  prototypes: tf.Tensor2D,
) => Pick<LossReport, 'loss' | 'terms'>;

/** Student with patches left out, teacher, projector and prototypes around an encoder; `lossOf` makes the loss. */
export function maskedSiamese(name: string, options: MaskedSiameseOptions, lossOf: SiameseLoss): Objective {
  const { projector: widths = [2048, 2048, 256], prototypes: count = 1024, momentum = 0.996, localViews } = options;
  return {
    name,
    views: { min: 2 },
    minBatch: 2, // batch norm
    bind: (any) => {
      const encoder = requireTokenEncoder(any, name);
      const keep = keptTokens(encoder, options);
      const projector = mlpHead({ dims: [encoder.outputDim, ...widths], activation: 'gelu' });
      const followed = variablesOf({ encoder, projector });
      const learned = prototypes({ dim: widths.at(-1) ?? encoder.outputDim, count });
      return {
        variables: { ...followed, ...teacherOf(followed), ...variablesOf({ prototypes: learned }) },
        schedules: { momentum: teacherMomentum(momentum) },
        loss: ({ views }, context) => {
          const target = views.slice(0, 1);
          requireWhole(target, encoder);
          requireLocalViews(views.length - globalViewsOf(views), localViews);
          const targets = projectViews(target, { encoder, projector, minBatch: 2 }, context.scope('teacher'));
          const anchors = projectViews(views.slice(1), { encoder: droppingPatches(encoder, keep), projector }, context);
          const kernel: tf.Tensor2D = tf.reshape(context.get('prototypes/kernel'), [count, -1]);
          const projection = tf.slice2d(anchors, [0, 0], [targets.shape[0], -1]);
          return { ...lossOf(anchors, targets, kernel), projection };
        },
        afterUpdate: ({ scalars }, context) => moveTeacher(context, followed, scheduled(scalars, 'momentum')),
      };
    },
  };
}

/** The encoder, which sees a random choice of `keep` patches of an image, and smaller images whole. */
function droppingPatches(encoder: TokenEncoder, keep: number): Encoder {
  return {
    ...encoder,
    apply: (input, context) => {
      if (input.shape.slice(1).join() !== encoder.inputShape.join()) return encoder.apply(input, context);
      const tokens: tf.Tensor3D = tf.add(encoder.embed(input, context), encoder.positions(context));
      const [images, count] = tokens.shape;
      const chosen = tf.topk(context.random.uniform('patches', [images, count]), keep).indices;
      return encoder.encode(tf.gather(tokens, chosen, 1, 1), context).features;
    },
  };
}

function keptTokens({ grid }: TokenEncoder, { maskRatio = 0.15 }: MaskedSiameseOptions): number {
  const tokens = grid.reduce((product, extent) => product * extent, 1);
  const keep = tokens - Math.round(maskRatio * tokens);
  if (keep > 0 && keep < tokens) return keep;
  throw new UnlabelError('INVALID_OPTION', `A maskRatio of ${maskRatio} leaves ${keep} of ${tokens} patches.`, {
    fix: 'Give a share between 0 and 1 that hides some patches and leaves some.',
  });
}
