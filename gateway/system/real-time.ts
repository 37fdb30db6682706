import { readFile } from 'node:fs/promises';
import { messageOf } from '../../protocol/errors.ts';
import { loadCalls } from './libc.ts';

/** sched(7) */
const SCHED_FIFO = 1;
/** Threads and processes that are started later run at the usual priority. */
const SCHED_RESET_ON_FORK = 0x40000000;
/** The lowest is above all that is not real-time, and below the kernel's own threads. */
const PRIORITY = 1;
/** µs that real-time threads may take of each `sched_rt_period_us`; -1: all. */
const RUNTIME_FILE = '/proc/sys/kernel/sched_rt_runtime_us';

/** Gives the calling thread a real-time priority. @throws SystemError `EPERM`: not allowed */
type SetFifo = (priority: number) => void;

interface RealTimeDeps {
  readonly load: () => Promise<SetFifo>;
  readonly readRuntime: () => Promise<string>;
}

const REAL: RealTimeDeps = { load: loadSetFifo, readRuntime: () => readFile(RUNTIME_FILE, 'utf8') };

/**
 * Lets the calling thread, which is the alert path, go before all threads that are not real-time:
 * those of the journal and MQTT, V8's helpers and every other program.
 *
 * On one core a thread that never rests would keep all others from running, the service manager
 * with its watchdog too. The kernel leaves them 5 % of the time. Where that limit is switched off,
 * the thread keeps its priority.
 *
 * @returns why the thread keeps its priority; `undefined`: it does not
 */
export async function runInRealTime({ load, readRuntime }: RealTimeDeps = REAL): Promise<string | undefined> {
  try {
    const [setFifo, runtime] = await Promise.all([load(), readRuntime()]);
    if (!(Number(runtime) >= 0)) return 'the kernel does not limit real-time threads (kernel.sched_rt_runtime_us)';
    setFifo(PRIORITY);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** @throws Error if a native library cannot be loaded on this machine */
async function loadSetFifo(): Promise<SetFifo> {
  const { libc, failure } = await loadCalls();
  const setScheduler = libc.func('int sched_setscheduler(int, int, const void *)');
  return (priority) => {
    // The structure sched_param has one member.
    const parameter = Int32Array.of(priority);
    if (setScheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, parameter) < 0) throw failure();
  };
}
