import { encodeModel } from '../emit/model';
import { value } from '../graph/graph';
import { type OnnxRuntime, type RuntimeSettings, sessionOptions } from './onnxRuntime';
import { providers } from './providers';

/**
 * How many channels ONNX Runtime puts into a block of its own image order on this processor, found by having it put four
 * there: 16 with AVX-512, 8 with AVX2; 1 where it has no such order.
 */
export async function imageBlockOf(runtime: OnnxRuntime, { provider, threads }: RuntimeSettings): Promise<number> {
  if (provider !== 'cpu') return 1;
  const channels = 4;
  const [x, y] = [value('float32', [1, channels, 1, 1]), value('float32', [1, channels, 1, 1])];
  const nodes = [
    { op: 'ReorderInput', domain: 'com.microsoft.nchwc', inputs: [x], outputs: [y], attributes: {} } as const,
  ];
  const model = encodeModel({ inputs: { x }, nodes, outputs: { y } });
  try {
    const session = await runtime.InferenceSession.create(model, sessionOptions(threads, providers[provider]));
    const { y: blocks } = await session.run({
      x: new runtime.Tensor('float32', new Float32Array(channels), [1, channels, 1, 1]),
    });
    await session.release();
    const block = blocks?.dims[1] ?? 1;
    return block > channels ? block : 1;
  } catch {
    return 1; // an ONNX Runtime that was built without
  }
}
