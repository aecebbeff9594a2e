import { type Encoder, type Preprocessing, UnlabelError } from '@unlabel/core';
import manifest from '../../package.json' with { type: 'json' };

/** How raw samples become the encoder's input. */
export interface ExportedPreprocessing extends Preprocessing {
  /** How images of other sizes come to the encoder's, such as `centre-crop`. */ readonly resize?: string;
}

/** What a file says about its encoder, beside the graph. */
export interface EncoderFacts {
  /** How pixels must be resized and normalised. */ readonly preprocessing?: ExportedPreprocessing;
  /** The objective that trained it, such as `simclr`. */ readonly method?: string;
  /** Its options; must be JSON. */ readonly methodOptions?: Readonly<Record<string, unknown>>;
  /** What it was trained on: a hash or the data set's `fingerprint`. */ readonly dataHash?: string;
  /** Under which licence it may be used, as an SPDX identifier such as `Apache-2.0`, or a link. */ readonly licence?: string;
  /** Who made it. */ readonly author?: string;
  /** More entries, under names of your own. */ readonly metadata?: Readonly<Record<string, string>>;
}

/** Every reader loads the metadata whole; more belongs beside the model. */
const longestEntry = 2 ** 16;

/**
 * The metadata of an exported encoder. `model_license` and `model_author` are the names that ONNX itself gives these.
 * @throws UnlabelError `INVALID_OPTION` for preprocessing that does not fit the input and for long entries,
 * `DUPLICATE_NAME` for entries that are written anyway
 */
export function encoderMetadata(encoder: Encoder, facts: EncoderFacts): Readonly<Record<string, string>> {
  const { preprocessing, method, methodOptions, dataHash, licence, author, metadata = {} } = facts;
  const known = {
    encoder: encoder.name,
    input_shape: JSON.stringify(encoder.inputShape),
    output_dim: `${encoder.outputDim}`,
    preprocessing: preprocessing && JSON.stringify(describeInput(encoder.inputShape, preprocessing)),
    method,
    method_options: methodOptions && JSON.stringify(methodOptions),
    data_hash: dataHash,
    model_license: licence,
    model_author: author,
    library: `${manifest.name} ${manifest.version}`,
  };
  for (const key of Object.keys(metadata)) if (key in known) throw taken(key);
  const entries = Object.entries({ ...known, ...metadata }).flatMap(([key, content]) =>
    content === undefined ? [] : [[key, content] as const],
  );
  for (const [key, content] of entries) requireShort(key, content);
  return Object.fromEntries(entries);
}

/** Everything that it takes to prepare a sample; images have size, order of channels and layout. */
function describeInput(inputShape: readonly number[], preprocessing: ExportedPreprocessing): object {
  const { mean, std, resize } = preprocessing;
  requireStatistics(inputShape.at(-1) ?? 1, preprocessing);
  const [height, width, channels] = inputShape;
  const image = {
    image_size: [height, width],
    channel_order: channels === 1 ? 'grey' : channels === 3 ? 'rgb' : undefined,
    layout: 'NHWC',
    resize,
  };
  return { value_range: [0, 1], mean, std, ...(inputShape.length === 3 ? image : { resize }) };
}

function requireStatistics(channels: number, { mean, std }: Preprocessing): void {
  if (mean.length === channels && std.length === channels && mean.every(Number.isFinite) && std.every((s) => s > 0))
    return;
  throw new UnlabelError('INVALID_OPTION', `preprocessing has mean [${mean}] and std [${std}].`, {
    fix: `Give ${channels} of each, one for each channel of the input; standard deviations are above 0.`,
  });
}

function requireShort(key: string, content: string): void {
  if (content.length <= longestEntry) return;
  throw new UnlabelError('INVALID_OPTION', `The metadata entry ${key} has ${content.length} characters.`, {
    fix: `Keep it to ${longestEntry}, and put the rest into a file beside the model.`,
  });
}

function taken(key: string): UnlabelError {
  return new UnlabelError('DUPLICATE_NAME', `The metadata entry ${key} is written anyway.`, {
    fix: 'Use the option for it, or another name.',
  });
}
