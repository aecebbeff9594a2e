#!/usr/bin/env node
import { CommanderError } from 'commander';
import { buildProgram } from './program';

// Only commander is loaded up to here: help, version and usage errors answer at once.
try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has printed it
  } else {
    const debug = process.argv.includes('--debug') || Boolean(process.env.UNLABEL_DEBUG);
    const { reportError } = await import('./output/reportError');
    reportError(error, { debug });
    process.exitCode = 1;
  }
}
