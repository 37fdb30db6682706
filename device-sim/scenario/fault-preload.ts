import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Loaded by `node --import` into every thread of a gateway, this module lets its wall clock step
 * and its disk be full or slow, as the control file says. It needs no compiler and no root. The
 * clock of TLS (OpenSSL's own) is not shifted, and programs that the gateway starts see the real
 * disk.
 */
export interface Faults {
  /** What the wall clock is ahead, ms. */
  readonly clockMs: number;
  readonly disk: 'normal' | 'full' | 'slow';
}

const CONTROL_VARIABLE = 'CALLPOINT_SIM_FAULTS';
/** Directory on the disk that gets full or slow. */
const DISK_VARIABLE = 'CALLPOINT_SIM_DISK';

/** How long a slow disk takes for a write. */
const SLOW_MS = 200;
/** The control file is read at most this often. */
const READ_EVERY_NS = 2_000_000n;

const real = { ...fs };
const { FileHandle } = await fileHandleClass();
let faults: Faults = { clockMs: 0, disk: 'normal' };
let readAt = 0n;

const { [CONTROL_VARIABLE]: control, [DISK_VARIABLE]: disk } = process.env;
if (control !== undefined && disk !== undefined) install(control, disk);

function install(controlFile: string, directory: string): void {
  const now = (): Faults => {
    const at = process.hrtime.bigint();
    if (at - readAt > READ_EVERY_NS) {
      readAt = at;
      faults = JSON.parse(real.readFileSync(controlFile, 'utf8')) as Faults;
    }
    return faults;
  };
  shiftClock(now);
  spoilDisk(now, directory);
  syncBuiltinESMExports();
}

function shiftClock(now: () => Faults): void {
  const RealDate = globalThis.Date;
  const realNow = RealDate.now.bind(RealDate);
  const shifted = () => realNow() + now().clockMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args: [], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shifted()] : args, newTarget) as Date,
    apply: () => new RealDate(shifted()).toString(),
    get: (target, name, receiver) => (name === 'now' ? shifted : Reflect.get(target, name, receiver)),
  });
}

/** Writes to files of the directory fail, or take their time. */
function spoilDisk(now: () => Faults, directory: string): void {
  const isOnDisk = (path: string) => path === directory || path.startsWith(directory + sep);
  const isOpenThere = (file: number) => {
    try {
      return isOnDisk(real.readlinkSync(`/proc/self/fd/${file}`));
    } catch {
      return false; // it is closed: the write says so
    }
  };
  const spoil = (name: string, isThere: () => boolean): void => {
    const { disk: state } = now();
    if (state === 'normal' || !isThere()) return;
    if (state === 'full') throw noSpace(name);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_MS);
  };
  const spoiled = {
    writeSync: (file: number) => spoil('write', () => isOpenThere(file)),
    mkdirSync: (path: fs.PathLike) => spoil('mkdir', () => isOnDisk(String(path))),
    writeFileSync: (path: fs.PathLike | number) =>
      spoil('write', () => (typeof path === 'number' ? isOpenThere(path) : isOnDisk(String(path)))),
  };
  for (const [name, before] of Object.entries(spoiled)) {
    const original = real[name as keyof typeof spoiled] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        (before as (first: unknown) => void)(args[0]);
        return original(...args);
      },
    });
  }
  const open = real.openSync;
  fs.openSync = (path, flags, mode) => {
    const creates =
      typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wax]/.test(String(flags ?? 'r'));
    if (creates && !fs.existsSync(path)) spoil('open', () => isOnDisk(String(path)));
    return open(path, flags, mode);
  };
  for (const name of ['write', 'writeFile', 'appendFile'] as const) {
    const original = FileHandle[name] as (...args: unknown[]) => Promise<unknown>;
    FileHandle[name] = async function spoiledWrite(this: { readonly fd: number }, ...args: unknown[]) {
      const { disk: state } = now();
      if (state !== 'normal' && isOpenThere(this.fd)) {
        if (state === 'full') throw noSpace('write');
        await pause(SLOW_MS);
      }
      return original.apply(this, args);
    };
  }
}

async function fileHandleClass(): Promise<{
  readonly FileHandle: Record<'write' | 'writeFile' | 'appendFile', unknown>;
}> {
  const handle = await fs.promises.open('/dev/null');
  const FileHandle = Object.getPrototypeOf(handle) as Record<'write' | 'writeFile' | 'appendFile', unknown>;
  await handle.close();
  return { FileHandle };
}

function noSpace(call: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`ENOSPC: no space left on device, ${call}`);
  return Object.assign(error, { code: 'ENOSPC', errno: -28, syscall: call });
}
