import { UnlabelError } from '@unlabel/core';
import type { KernelCall } from './kernel';
import type { Windows } from './windows';

/**
 * Returns the windows if as many of them fit as tfjs says: where padding is given as a number, it counts those along a row
 * with the stride and extent of those down a column.
 * @param within whether each window must reach into the image, as poolings want it
 * @throws UnlabelError `CAPTURE_UNSUPPORTED_OP`
 */
export function requireFitting(call: KernelCall, windows: Windows, within: boolean): Windows {
  const { input, output, kernel, strides, dilations, pads } = windows;
  const fits = input.every((extent, axis) => {
    const [before = 0, behind = 0] = [pads[axis], pads[axis + 2]];
    const [own = 1, stride = 1, apart = 1] = [kernel[axis], strides[axis], dilations[axis]];
    const last = ((output[axis] ?? 1) - 1) * stride + (own - 1) * apart + 1;
    const left = before + extent + behind - last;
    return left >= 0 && left < stride && (!within || Math.max(before, behind) < own);
  });
  if (fits) return windows;
  throw new UnlabelError(
    'CAPTURE_UNSUPPORTED_OP',
    `${call.kernel} was called with padding that its windows do not fit into.`,
    {
      fix: "Pad with 'same' or 'valid', or with fewer pixels than a window has and the same stride along both axes.",
    },
  );
}
