import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { loadLibc } from './libc.ts';

/** System calls that a process needs and Node does not offer. */
interface ProcessCalls {
  /**
   * Ends the process now, with this exit code. `process.exit` first waits for each worker thread
   * and each of libuv's pool threads: a thread that waits for a disk, a name server or a full pipe
   * would keep the process alive for ever.
   */
  exit(code: number): void;
  /**
   * alarm(2): the kernel ends the process after this many seconds, unless this is called again
   * before. It does so while JavaScript hangs.
   */
  alarm(seconds: number): void;
  /**
   * From now on a write to this descriptor fails with EAGAIN and does not wait for its reader.
   * Regular files stay as they are.
   */
  unblock(descriptor: number): void;
}

const F_GETFL = 3;
const F_SETFL = 4;

/**
 * On a machine without a libc that koffi knows, `exit` is `process.exit`, and the others do
 * nothing.
 */
export async function loadProcessCalls(): Promise<ProcessCalls> {
  const libc = await loadLibc().catch(() => undefined);
  const nothing = () => undefined;
  if (libc === undefined) return { exit: (code) => process.exit(code), alarm: nothing, unblock: nothing };
  const dup2: (from: number, to: number) => number = libc.func('int dup2(int, int)');
  const fcntl: (descriptor: number, command: number, type: 'int', value: number) => number =
    libc.func('int fcntl(int, int, ...)');

  const unblock = (descriptor: number) => {
    const stat = fstatSync(descriptor);
    if (stat.isSocket()) {
      const flags = fcntl(descriptor, F_GETFL, 'int', 0);
      fcntl(descriptor, F_SETFL, 'int', flags | constants.O_NONBLOCK);
    } else if (stat.isFIFO() || stat.isCharacterDevice()) {
      // Opened anew, because the flag belongs to the open description, which a shell or another
      // process may share.
      const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = constants;
      const own = openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
      dup2(own, descriptor);
      closeSync(own);
    }
  };
  return {
    exit: libc.func('void _exit(int)'),
    alarm: libc.func('unsigned int alarm(unsigned int)'),
    unblock: (descriptor) => {
      try {
        unblock(descriptor);
      } catch {
        // No reader any more, or a terminal that hung up: a stream that cannot be opened anew fails
        // at once and blocks nobody.
      }
    },
  };
}
