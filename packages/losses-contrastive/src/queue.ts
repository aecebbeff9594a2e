import { type Initializer, type LayerContext, sizeOf, tf, UnlabelError, type Variables } from '@unlabel/core';
import { requireRows } from './requireRows';

/** A ring of rows that were seen last: MoCo's dictionary of keys, NNCLR's support set. */
export type Queue = {
  /** `[queueSize, dim]`. */ readonly rows: tf.Tensor2D;
  /** The row that is written next, a whole number in float32. */ readonly pointer: tf.Scalar;
};

/**
 * Writes a batch from the pointer on. A batch that reaches the end fills it, and the pointer returns to 0: what is left
 * of that batch is dropped, so that a queue of a multiple of the batch is first in, first out.
 * @param keys `[batch, dim]`, batch ≤ queueSize; written as they are
 * @returns the queue after; the one before stays as it was
 * @throws UnlabelError `SHAPE_MISMATCH`, `INVALID_OPTION` for a queue smaller than the batch
 */
export function enqueue(queue: Queue, keys: tf.Tensor2D): Queue {
  const { rows, pointer } = queue;
  const [[size], [batch]] = [rows.shape, keys.shape];
  requireRows({ queue: rows, keys });
  if (size < batch) {
    throw new UnlabelError('INVALID_OPTION', `queueSize is ${size}, but a batch holds ${batch}.`, {
      fix: 'Give a queueSize of several batches.',
    });
  }
  return tf.tidy((): Queue => {
    const offset = tf.sub(tf.range(0, size), pointer); // of each row from the pointer: its place in the batch
    const written = tf.logicalAnd(tf.greaterEqual(offset, 0), tf.less(offset, batch));
    const places = tf.cast(tf.clipByValue(offset, 0, batch - 1), 'int32');
    const moved: tf.Scalar = tf.add(pointer, batch);
    return {
      rows: tf.where(tf.reshape(written, [size, 1]), tf.gather(keys, places), rows),
      pointer: tf.where(tf.greaterEqual(moved, size), 0, moved),
    };
  });
}

/**
 * A queue among a method's variables, `queue/rows` and `queue/pointer`: it begins with random rows of length 1.
 * @throws UnlabelError `INVALID_OPTION`
 */
export function queueVariables(queueSize: number, dim: number): Variables {
  if (!(Number.isInteger(queueSize) && queueSize >= 1)) {
    throw new UnlabelError('INVALID_OPTION', `queueSize is ${queueSize}.`, { fix: 'Give a whole number from 1.' });
  }
  return {
    'queue/rows': { shape: [queueSize, dim], initial: unitRows, trainable: false },
    'queue/pointer': { shape: [], initial: () => Float32Array.of(0), trainable: false },
  };
}

/** The queue of {@link queueVariables}, before this step writes to it. */
export function readQueue(context: LayerContext): Queue {
  const rows = context.get('queue/rows');
  return {
    rows: tf.reshape(rows, [rows.shape[0] ?? 0, rows.shape[1] ?? 0]),
    pointer: tf.reshape(context.get('queue/pointer'), []),
  };
}

/** Sets the queue for the next step. Read first: a context shows what was last set. */
export function writeQueue(context: LayerContext, queue: Queue): void {
  context.update('queue/rows', queue.rows);
  context.update('queue/pointer', queue.pointer);
}

const unitRows: Initializer = (shape, random) => {
  const [, dim = 1] = shape;
  const rows = Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
  for (let start = 0; start < rows.length; start += dim) {
    const row = rows.subarray(start, start + dim);
    const length = Math.hypot(...row);
    row.set(row.map((value) => value / length));
  }
  return rows;
};
