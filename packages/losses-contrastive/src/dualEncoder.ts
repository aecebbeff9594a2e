import {
  type Encoder,
  type LayerContext,
  type LossReport,
  mlpHead,
  type Objective,
  projectViews,
  tf,
  twoViews,
  type Variable,
  type Variables,
  variablesOf,
} from '@unlabel/core';

export interface DualEncoderOptions {
  /** Encoder of view 1, whose variables stand under `second/encoder/` (default: one encoder and projector for both). */
  second?: Encoder;
  /** Widths of each projector after its encoder's own, ReLU between (default `[512]`: a linear map). */
  projector?: readonly number[];
}

/** What a method between two kinds of views consists of. */
export interface DualEncoderMethod {
  readonly name: string;
  readonly minBatch: number;
  /** What it learns beside encoders and projectors. */ readonly learned?: Variables;
  /** Of the projections of view 0 and view 1, each `[batch, dim]`. */
  loss(z0: tf.Tensor2D, z1: tf.Tensor2D, context: LayerContext): Pick<LossReport, 'loss' | 'terms'>;
  afterUpdate?(context: LayerContext): void;
}

/** An objective on pairs, such as images and captions: an encoder and a projector for each side, or one for both. */
export function dualEncoder(method: DualEncoderMethod, options: DualEncoderOptions): Objective {
  const { name, minBatch, learned = {}, afterUpdate } = method;
  return {
    name,
    views: { min: 2, max: 2 },
    minBatch,
    bind: (encoder) => {
      const { variables, project } = towers(encoder, minBatch, options);
      return {
        variables: { ...variables, ...learned },
        loss: ({ views }, context) => {
          const [z0, z1] = project(views, context);
          return { ...method.loss(z0, z1, context), projection: z0 };
        },
        ...(afterUpdate && { afterUpdate: (_, context) => afterUpdate(context) }),
      };
    },
  };
}

function towers(encoder: Encoder, minBatch: number, { second, projector: widths = [512] }: DualEncoderOptions) {
  const tower = (of: Encoder) => ({
    encoder: of,
    projector: mlpHead({ dims: [of.outputDim, ...widths], norm: 'none' }),
    minBatch,
  });
  const first = tower(encoder);
  const { encoder: _, projector } = first;
  const variables = variablesOf({ encoder, projector });
  if (!second) {
    const project = (views: readonly tf.Tensor[], context: LayerContext) =>
      twoViews(projectViews(views, first, context));
    return { variables, project };
  }
  const other = tower(second);
  const others = variablesOf({ encoder: second, projector: other.projector });
  return {
    variables: { ...variables, ...variablesOf({ second: { variables: others } }) },
    project: (views: readonly tf.Tensor[], context: LayerContext) =>
      [
        projectViews(views.slice(0, 1), first, context),
        projectViews(views.slice(1), other, context.scope('second')),
      ] as const,
  };
}

/** A learned number. */
export function learnedScalar(initial: number): Variable {
  return { shape: [], initial: () => Float32Array.of(initial), trainable: true };
}

/** The value of a {@link learnedScalar}. */
export function scalarOf(context: LayerContext, name: string): tf.Scalar {
  return tf.reshape(context.get(name), []);
}
