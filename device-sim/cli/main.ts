#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { outputEnd } from './output-end.ts';
import { program } from './program.ts';

const EXIT_USAGE = 2;

// By default SIGUSR1 opens the inspector, which exposes the process's memory and so the site's
// keys.
process.on('SIGUSR1', () => undefined);

try {
  await program(outputEnd()).parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else if (error instanceof CallpointError || error instanceof RangeError) {
    process.stderr.write(`${error.message}\n`);
    // A RangeError names an argument that matches nothing in the site.
    process.exitCode = error instanceof RangeError || error.code === 'USAGE' ? EXIT_USAGE : 1;
  } else throw error;
}
