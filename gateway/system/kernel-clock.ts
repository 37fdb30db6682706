import { endianness } from 'node:os';
import { loadLibc } from './libc.ts';

/** More than `struct timex` has on any machine, bytes. */
const TIMEX_BYTES = 256;
/** The kernel's greatest estimate of the error, µs: `NTP_PHASE_LIMIT`, linux/timex.h. */
const ERROR_US_MAX = 16_000_000;

/** adjtimex(2): fills the structure. -1: refused, as by a sandbox. */
type Adjtimex = (timex: Uint8Array) => number;

/**
 * Whether the wall clock follows a time server, a GPS or another reference, as the kernel knows it.
 * A daemon that adjusts the clock tells the kernel how far it may be off. Without one this estimate
 * grows by 0.5 ms a second, so it reaches its greatest value 9 hours after the last adjustment.
 * `timedatectl` has the same rule, and ignores STA_UNSYNC as well: that flag also keeps the kernel
 * from setting the hardware clock.
 *
 * @returns `undefined`: it can't be found out
 */
export function isSynchronised(adjtimex: Adjtimex, longBytes: number): boolean | undefined {
  // `modes` of 0 only reads.
  const timex = Buffer.alloc(TIMEX_BYTES);
  if (adjtimex(timex) < 0) return undefined;
  // Before `maxerror` there are `modes`, which is padded to a long, `offset` and `freq`.
  const at = 3 * longBytes;
  const errorUs = longBytes === 8 ? Number(timex.readBigInt64LE(at)) : timex.readInt32LE(at);
  return errorUs < ERROR_US_MAX;
}

const SMALL = ['arm', 'ia32', 'mipsel'];

/** Opens the kernel's clock for reading. Where libc can't be loaded, nothing is known. */
export async function openKernelClock(): Promise<() => boolean | undefined> {
  const libc = await loadLibc().catch(() => undefined);
  if (libc === undefined || endianness() !== 'LE') return () => undefined;
  const adjtimex: Adjtimex = libc.func('int adjtimex(_Inout_ void *)');
  const longBytes = SMALL.includes(process.arch) ? 4 : 8;
  return () => isSynchronised(adjtimex, longBytes);
}

/** The kernel's estimate changes slowly. */
const LOOK_MS = 60_000;

/**
 * Tells whether the clock is synchronised: once it is known, and at each change.
 *
 * @returns a function that ends it
 */
export function watchSynchronisation(
  tell: (isSynchronised: boolean) => void,
  open: typeof openKernelClock = openKernelClock,
): () => void {
  let last: boolean | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  void open().then((read) => {
    const look = () => {
      const now = read();
      if (now === undefined || now === last) return;
      last = now;
      tell(now);
    };
    if (isStopped) return;
    look();
    timer = setInterval(look, LOOK_MS).unref();
  });
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
