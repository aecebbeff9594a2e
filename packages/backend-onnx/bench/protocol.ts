import { z } from 'zod';

/**
 * How the two sides talk to the benchmark: lines of JSON. A process is started with its row as arguments, prepares, and
 * writes one line of `prepared`; then it answers each line that it reads, a number of steps, with one line of `ran`.
 */
export const prepared = z.object({
  /** Numbers that training moves. */ parameters: z.number(),
  /** Milliseconds from the step as a function to one that is ready to run. */ startup: z.number().optional(),
});

/** One list entry for each step. */
export const ran = z.object({
  /** Milliseconds. */ wall: z.array(z.number()),
  /** Milliseconds of processor time, over all threads. */ processor: z.array(z.number()),
  /** The loss, or the mean size of the features: equal on both sides at the first step. */ check: z.array(z.number()),
  /** Largest resident memory of the process so far, in MB. */ peakMegabytes: z.number(),
});

export type Prepared = z.infer<typeof prepared>;
export type Ran = z.infer<typeof ran>;

/**
 * A training run writes such a line every few epochs, when it has put the features of all images into the file that it
 * was given, and waits for a line before it goes on; its clock stands still meanwhile.
 */
export const moment = z.object({
  /** Epochs finished. */ epoch: z.number(),
  /** Of training so far, from before the model was built. */ seconds: z.number(),
  /** Of processor time in them, over all threads. */ processorSeconds: z.number(),
  /** Numbers in a feature vector. */ dim: z.number(),
  /** Mean loss of the epoch. */ loss: z.number(),
  peakMegabytes: z.number(),
});

export type Moment = z.infer<typeof moment>;
