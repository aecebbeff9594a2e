import { backendConformance } from '@unlabel/testkit';
import { type OnnxOptions, onnx } from '../onnx';
import { type Trained, train } from '../trainingFixture';
import { replacedStateOf } from './replacedState';

/** What to do in a page if the backend is available: train an encoder, or run the conformance suite. */
export interface Task {
  readonly options: OnnxOptions;
  readonly encoder?: string;
}

/** What came of it. */
export interface Report {
  /** What `probe` says. */ readonly probed: string;
  readonly trained?: Trained;
  /** Where the tensors of the state were after the last step. */ readonly locations: readonly string[];
  /** Requirements of the conformance suite that do not hold, with the reason. */ readonly broken: readonly string[];
  /** How many hold. */ readonly held: number;
}

export async function run({ options, encoder }: Task): Promise<Report> {
  const found = await onnx(options).probe();
  const none = { locations: [], broken: [], held: 0 };
  if (!found.available) return { ...none, probed: `${found.reason} ${found.fix}` };
  const rest = encoder === undefined ? await conforming(options) : await trainedOn(options, encoder);
  return { ...none, probed: found.detail, ...rest };
}

async function trainedOn(options: OnnxOptions, encoder: string) {
  const locations = new Set<string>();
  const trained = await train(onnx(options), encoder, (state) => {
    const { specs, current } = replacedStateOf(state);
    for (const name of Object.keys(specs)) locations.add(current(name).location);
  });
  return { trained, locations: [...locations] };
}

async function conforming(options: OnnxOptions) {
  const broken: string[] = [];
  const tolerance = options.provider === 'webgpu' ? 5e-4 : 1e-4;
  const cases = backendConformance(onnx(options), { tolerance });
  for (const { name, run: check } of cases)
    await check().catch((error: unknown) => broken.push(`${name}: ${String(error)}`));
  return { broken, held: cases.length - broken.length };
}
