import { z } from 'zod';

/** Options of log mel features, but for the rate. */
export const logMelOptions = {
  window: z.int().min(2).exactOptional().describe('steps of a frame; default 25 ms'),
  hop: z.int().positive().exactOptional().describe('steps from frame to frame; default 10 ms'),
  bands: z.int().positive().default(64),
  lowest: z.number().min(0).default(60).describe('frequency in Hz'),
  highest: z.number().positive().exactOptional().describe('frequency in Hz; default 7800, or half the rate'),
};
