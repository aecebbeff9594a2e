import { z } from 'zod';
import { failureOf } from './failure';
import type { Message, RequestMessage } from './protocol';
import { openWorkshop } from './workshop';

z.config({ jitless: true }); // compiling schemas needs eval, which the page's policy forbids

const opening = openWorkshop(tell);

function tell(message: Message): void {
  postMessage(message);
}

addEventListener('message', ({ data }: MessageEvent<RequestMessage>) => {
  const { id, name } = data;
  opening
    .then((workshop) => (workshop[name] as (...args: readonly unknown[]) => Promise<unknown>)(...data.arguments)) // typed by who asks
    .then((result) => tell({ type: 'reply', id, result }))
    .catch((error: unknown) => tell({ type: 'refusal', id, failure: failureOf(error) }));
});
