import { backendConformance } from '@unlabel/testkit';
import { type OnnxOptions, onnx } from '../onnx';
import { type Trained, train } from '../trainingFixture';
import { replacedStateOf } from './replacedState';

/** What to do in a page: train an encoder, or run the conformance suite. */
export interface Task {
  readonly options: OnnxOptions;
  readonly encoder?: string;
}

/** What came of it. */
export interface Report {
  /** What `probe` says. */ readonly probed: string;
  readonly trained?: Trained;
  /** Where the state's tensors were after the last step. */ readonly locations: readonly string[];
  /** Requirements of the conformance suite that do not hold, with the reason. */ readonly broken: readonly string[];
  /** How many hold. */ readonly held: number;
}

export async function run({ options, encoder }: Task): Promise<Report> {
  const backend = onnx(options);
  const found = await backend.probe();
  const probed = found.available ? found.detail : `${found.reason} ${found.fix}`;
  const locations = new Set<string>();
  const broken: string[] = [];
  let held = 0;
  if (encoder !== undefined) {
    const trained = await train(backend, encoder, (state) => {
      const { specs, current } = replacedStateOf(state);
      for (const name of Object.keys(specs)) locations.add(current(name).location);
    });
    return { probed, trained, locations: [...locations], broken, held };
  }
  for (const { name, run: check } of backendConformance(backend)) {
    await check().then(
      () => held++,
      (error: unknown) => broken.push(`${name}: ${String(error)}`),
    );
  }
  return { probed, locations: [], broken, held };
}
