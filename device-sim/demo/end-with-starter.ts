import { Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { STARTER_FD, STARTER_VARIABLE } from './starter.ts';

/**
 * Loaded by `node --import`, this module ends a gateway whose simulator was killed. The simulator
 * holds the other end of a pipe, and the kernel closes it. Threads and children of the gateway do
 * not have the pipe.
 */
if (isMainThread && process.env[STARTER_VARIABLE] === String(process.ppid)) {
  delete process.env[STARTER_VARIABLE];
  const pipe = new Socket({ fd: STARTER_FD });
  pipe.on('error', () => pipe.destroy());
  pipe.on('close', () => process.kill(process.pid, 'SIGTERM'));
  pipe.resume();
  pipe.unref();
}
