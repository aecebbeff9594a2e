import { normaliseRows, tf } from '@unlabel/core';
import type { GoldenCase, GoldenMapping } from '@unlabel/testkit';
import { mocoLogits, mocoLoss } from './moco';
import { enqueue, type Queue } from './queue';

/** Golden files that pin MoCo's loss and its queue: the authors', and lightly's NT-Xent with a memory bank, over steps. */
export const mocoGolden: readonly GoldenMapping[] = [
  {
    name: 'mocoLoss',
    matches: ({ source, inputs }) =>
      /^moco\b/i.test(source.function ?? '') && Object.keys(inputs).sort().join() === 'k,q,queue',
    run: (golden) => {
      const [q, k] = [golden.matrix('q'), golden.matrix('k')];
      const queue: tf.Tensor2D = tf.transpose(golden.matrix('queue')); // theirs holds keys in columns
      const options = { temperature: golden.number('temperature', 0.07) };
      const { rows } = enqueue({ rows: queue, pointer: tf.scalar(0) }, normaliseRows(k));
      return {
        loss: mocoLoss(q, k, queue, options),
        logits: mocoLogits(q, k, queue, options),
        queue_after_enqueue_first_cols: tf.transpose(tf.slice2d(rows, [0, 0], [k.shape[0], -1])),
      };
    },
  },
  {
    name: 'mocoLoss, several steps',
    matches: ({ params, inputs }) => 'memory_bank_size' in params && 'bank' in inputs && 'q.0' in inputs,
    run: (golden) => {
      const { losses, queues } = steps(golden);
      return {
        loss: tf.addN(losses),
        per_step_loss: tf.stack(losses),
        bank_after: queues.at(-1)?.rows ?? golden.matrix('bank'),
        ...Object.fromEntries(queues.map(({ pointer }, step) => [`ptr_after_each_step.${step}`, pointer])),
      };
    },
  },
];

/** Each step's loss reads the queue that the steps before it left. */
function steps(golden: GoldenCase): { readonly losses: tf.Scalar[]; readonly queues: readonly Queue[] } {
  const keys = golden.matrices('k');
  const queues: Queue[] = [];
  let queue: Queue = { rows: golden.matrix('bank'), pointer: tf.scalar(golden.number('ptr0', 0)) };
  const losses = golden.matrices('q').map((q, step) => {
    const k = keys[step] ?? q;
    const loss = mocoLoss(q, k, queue.rows, { temperature: golden.number('temperature') });
    queue = enqueue(queue, normaliseRows(k));
    queues.push(queue);
    return loss;
  });
  return { losses, queues };
}
