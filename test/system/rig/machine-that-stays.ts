import { argv } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Machine } from './machine.ts';

/** Starts a machine and never ends, for a test that kills this process. */
const [, , root = ''] = argv;
const machine = await Machine.make({ root });
await machine.boot();
console.log(machine.name);
await sleep(3_600_000);
