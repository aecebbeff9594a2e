import { parentPort, workerData } from 'node:worker_threads';
import { type HostTensors, UnlabelError } from '@unlabel/core';
import { startEngine } from '../runtime/startEngine';
import { engineServer, packed } from './engineServer';
import { gateOver } from './gate';
import type { EngineCall, EngineReply, EngineThreadData } from './protocol';

/** The entry of a thread that runs steps: takes calls in turn and answers each. */
const { gate: memory }: EngineThreadData = workerData;
const gate = gateOver(memory);
const server = engineServer(startEngine);

let last = Promise.resolve();
parentPort?.on('message', (call: EngineCall) => {
  last = last.then(async () => {
    const reply = await replyTo(call);
    parentPort?.postMessage(reply, [...buffersOf(reply.tensors), ...buffersOf(reply.spent)]);
  });
});
process.on('exit', gate.leave); // nobody waits for a thread that ended itself

async function replyTo({ id, request }: EngineCall): Promise<EngineReply> {
  const spent = request?.kind === 'run' ? { spent: request.inputs } : {};
  if (!request) return { id, bytes: server.bytes() };
  if (!gate.enter()) return { id, bytes: 0, failure: packed(new UnlabelError('ABORTED', 'The session has ended.')) };
  try {
    const tensors = await server.answer(request);
    return { id, bytes: server.bytes(), imageBlock: server.imageBlock(), ...(tensors ? { tensors } : {}), ...spent };
  } catch (error) {
    return { id, bytes: server.bytes(), failure: packed(error) };
  } finally {
    gate.leave();
  }
}

/** The memory of tensors that nothing here needs any longer: it moves. */
function buffersOf(tensors: HostTensors = {}): ArrayBuffer[] {
  return Object.values(tensors).flatMap(({ data: { buffer } }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
