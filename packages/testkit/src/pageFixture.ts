/** What the tests of Chromium ask of a page. */
export interface Question {
  readonly numbers: readonly number[];
  /** A path to fetch, for its status and text. */ readonly path?: string;
  /** Whether to throw, or to take forever. */ readonly fail?: 'throw' | 'hang';
}

/** What the page knows. */
export interface Answer {
  readonly sum: number;
  readonly isolated: boolean;
  readonly webgpu: boolean;
  readonly fetched?: readonly [status: number, text: string];
}

export async function run({ numbers, path, fail }: Question): Promise<Answer> {
  console.log('asked');
  if (fail === 'throw') throw new RangeError('as asked');
  if (fail === 'hang') await new Promise(() => undefined);
  const response = path === undefined ? undefined : await fetch(path);
  return {
    sum: numbers.reduce((sum, number) => sum + number, 0),
    isolated: crossOriginIsolated,
    webgpu: await hasAdapter(),
    ...(response && { fetched: [response.status, await response.text()] as const }),
  };
}

/** `navigator.gpu` is not among TypeScript's types. */
async function hasAdapter(): Promise<boolean> {
  const gpu: unknown = Reflect.get(navigator, 'gpu');
  if (typeof gpu !== 'object' || gpu === null) return false;
  const request: unknown = Reflect.get(gpu, 'requestAdapter');
  return typeof request === 'function' && (await request.call(gpu)) !== null;
}
