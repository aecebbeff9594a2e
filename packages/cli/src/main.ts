#!/usr/bin/env node
import { buildProgram } from './program';

// Only commander is loaded up to here: help and version answer at once.
try {
  await buildProgram().parseAsync();
} catch (error) {
  const { reportError } = await import('./output/reportError');
  process.exitCode = reportError(error, {
    debug: process.argv.includes('--debug') || Boolean(process.env.UNLABEL_DEBUG),
  });
}
