import { argv, stdout } from 'node:process';
import { onnx } from '../onnx';
import { train } from '../trainingFixture';

/** The main file of a process: prints what `probe` says of the provider that is named, and trains the encoder that is. */
const [, , provider, encoder] = argv;
const backend = onnx({ provider: provider === 'webgpu' ? provider : 'cpu', threads: 2, thread: 'main' });
const probed = await backend.probe();
const trained = encoder === undefined ? undefined : await train(backend, encoder);
stdout.write(`${JSON.stringify({ probed, trained })}\n`);
