/** What decides whether a convolution, or one of its gradients, reads and writes images in blocks of channels. */
export interface BlockedWindows {
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Pixels in a row of the result. */ readonly width: number;
}

/** In images narrower than this, what blocks save is less than what entering and leaving them costs. */
const narrowest = 4;

/** Whether channels fill blocks. Fewer than a block, such as those of a photograph, are read in order. */
export function fillsBlocks({ inputChannels, outputChannels, width }: BlockedWindows, block: number): boolean {
  const whole = inputChannels < block || inputChannels % block === 0;
  return block > 1 && width >= narrowest && whole && outputChannels % block === 0;
}
