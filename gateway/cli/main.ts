#!/usr/bin/env node
import { call } from './call.ts';
import { endQuietly } from './output-errors.ts';

// By default SIGUSR1 opens the inspector, which shows the memory with the keys in it. Use
// `node --inspect` to open it on purpose.
process.on('SIGUSR1', () => undefined);
endQuietly();
await call(process.argv.slice(2));
