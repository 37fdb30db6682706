#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CallpointError } from '../../protocol/errors.ts';
import { endQuietly } from './output-errors.ts';
import { program } from './program.ts';

const EXIT_USAGE = 2;

// By default SIGUSR1 opens the inspector, which shows the memory with the keys in it. Use
// `node --inspect` to open it on purpose.
process.on('SIGUSR1', () => undefined);
endQuietly();

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else if (error instanceof CallpointError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
