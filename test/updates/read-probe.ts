import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the gateway's process by `node --import`. It notes when the process first and last
 * read bytes from its serial port: two doubles in a file named after the process, CLOCK_MONOTONIC
 * in ms. The gateway does not know it. It is compiled alone, so it imports nothing but Node.
 */

const { CALLPOINT_READ_PROBE: DIRECTORY } = process.env;
/** As `serial/polled-port.ts` reads, and nothing else of the gateway. */
const READ_BYTES = 4_096;

if (DIRECTORY !== undefined && isMainThread && process.argv[2] === 'run') begin(DIRECTORY);

function begin(directory: string): void {
  const times = Buffer.alloc(16);
  const file = fs.openSync(`${directory}/${process.pid}`, 'w');
  const { readSync, writeSync } = fs;
  let isFirst = true;
  const probed = (fd: number, buffer: NodeJS.ArrayBufferView, ...rest: unknown[]): number => {
    const count = (readSync as (...all: unknown[]) => number)(fd, buffer, ...rest);
    if (count > 0 && rest[1] === READ_BYTES && rest[2] === null) {
      const nowMs = Number(process.hrtime.bigint()) / 1e6;
      if (isFirst) times.writeDoubleLE(nowMs, 0);
      isFirst = false;
      times.writeDoubleLE(nowMs, 8);
      writeSync(file, times, 0, times.length, 0);
    }
    return count;
  };
  fs.readSync = probed as typeof fs.readSync;
  syncBuiltinESMExports();
}
