/**
 * Loaded first in each thread and process of the gateway under test. The patches call what it puts
 * on `globalThis`.
 */
import { writeSync } from 'node:fs';
import type { JournalFiles } from '../../gateway/journal/journal-files.ts';
import { DISK, type DiskFault, FAILPOINT, PASS } from './failpoint-variables.ts';

interface FailpointCall {
  /** A place at which the gateway may die. */
  (name: string): void;
  /** True if it dies the next time that it comes there. */
  isNext(name: string): boolean;
}

declare global {
  var failpoint: FailpointCall;
  /** The disk of the journal's thread: one of its calls may fail. */
  var faultyDisk: (files: JournalFiles) => JournalFiles;
}

const STDERR = 2;
const { [FAILPOINT]: armed, [PASS]: pass = '1', [DISK]: diskFault } = process.env;
const dieAt = Number(pass);
let passes = 0;

function isNext(name: string): boolean {
  return name === armed && passes === dieAt - 1;
}

globalThis.failpoint = Object.assign(
  (name: string) => {
    if (name !== armed) return;
    passes += 1;
    if (passes !== dieAt) return;
    tell({ event: FAILPOINT, name, pass: passes });
    process.kill(process.pid, 'SIGKILL');
  },
  { isNext },
);

globalThis.faultyDisk = (files) => {
  if (diskFault === undefined) return files;
  const fault = JSON.parse(diskFault) as DiskFault;
  let calls = 0;
  const failing = Object.entries(files).map(([name, call]: [string, (...args: unknown[]) => unknown]) => {
    const tried = (...args: unknown[]): unknown => {
      calls += 1;
      if (fault.kind === 'slow' && name === 'write') stall(fault.stallMs);
      if (calls !== fault.at) return call(...args);
      tell({ event: DISK, call: name, ...fault });
      return failed(fault, name, call, args);
    };
    return [name, tried] as const;
  });
  process.on('exit', () => tell({ event: DISK, calls }));
  return Object.fromEntries(failing) as unknown as JournalFiles;
};

function failed(
  { kind, stallMs }: DiskFault,
  name: string,
  call: (...args: unknown[]) => unknown,
  args: readonly unknown[],
): unknown {
  if (kind === 'stall') stall(stallMs);
  if (kind === 'stall') return call(...args);
  if (kind === 'EIO' || kind === 'ENOSPC')
    throw Object.assign(new Error(`${kind}: simulated, ${name}`), { code: kind, syscall: name });
  // Half of what was asked for, as the kernel may do near a full disk.
  if (name === 'write') {
    const [file, bytes, offset, length, position] = args;
    return call(file, bytes, offset, Math.max(1, Math.floor(Number(length) / 2)), position);
  }
  if (name === 'readAt') {
    const [file, bytes, position] = args as [number, Uint8Array, number | undefined];
    return call(file, bytes.subarray(0, Math.max(1, bytes.length >> 1)), position);
  }
  return call(...args);
}

function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A thread can't write to the process's own streams at once. */
function tell(what: object): void {
  writeSync(STDERR, `${JSON.stringify(what)}\n`);
}
