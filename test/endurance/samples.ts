import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Quantiles } from '../rig/quantiles.ts';
import type { ThreadReading } from './probe-readings.ts';

export interface OwnMemory {
  readonly residentMb: number;
  /**
   * The process's own part of that, without the pages of its program. Those are loaded at their
   * first use.
   */
  readonly ownMb: number;
}

/** The state at one moment. A field is absent if it could not be read. */
export interface Sample extends OwnMemory {
  /** Seconds since the run began. */
  readonly atS: number;
  readonly childResidentMb?: number;
  readonly descriptors: number;
  readonly childDescriptors?: number;
  readonly threads: number;
  readonly diskMb: number;
  /**
   * Load of one processor since the sample before, per cent: all threads of the gateway, without
   * its child.
   */
  readonly cpuPercent?: number;
  readonly isolates: Readonly<Record<string, ThreadReading>>;
  /** Times of fair presses since the sample before, to their first byte at a receiver. */
  readonly firstByteMs: Quantiles;
  /** Alerts that are acknowledged but not closed. */
  readonly openAlerts: number;
  /** Presses that no receiver has acknowledged yet. */
  readonly unsettled: number;
}

const BLOCK_BYTES = 512;
const MB = 1024 * 1024;
const TICK_MS = 10;

/** Reads the kernel's figures of one process and its children. */
export class ProcessFigures {
  readonly #pid: number;
  readonly #data: string;
  #cpu: { readonly ms: number; readonly atMs: number } | undefined;

  constructor(pid: number, data: string) {
    this.#pid = pid;
    this.#data = data;
  }

  /** @throws Error if the process has ended */
  read(): Pick<
    Sample,
    | 'residentMb'
    | 'ownMb'
    | 'childResidentMb'
    | 'descriptors'
    | 'childDescriptors'
    | 'threads'
    | 'diskMb'
    | 'cpuPercent'
  > {
    const children = childrenOf(this.#pid);
    const child = unlessGone(() => children.reduce((sum, pid) => sum + statusMb(pid, 'VmRSS'), 0));
    const childDescriptors = unlessGone(() => children.reduce((sum, pid) => sum + descriptorsOf(pid), 0));
    const cpuPercent = this.#cpuPercent();
    return {
      ...ownMemory(this.#pid),
      ...(child === undefined || children.length === 0 ? {} : { childResidentMb: child }),
      descriptors: descriptorsOf(this.#pid),
      ...(childDescriptors === undefined || children.length === 0 ? {} : { childDescriptors }),
      threads: readdirSync(`/proc/${this.#pid}/task`).length,
      diskMb: bytesIn(this.#data) / MB,
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
    };
  }

  #cpuPercent(): number | undefined {
    // Fields 14 and 15 of proc(5) stat, counted after the name in brackets; in ticks of 10 ms.
    const fields = procFile(this.#pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
    const now = { ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS, atMs: performance.now() };
    const before = this.#cpu;
    this.#cpu = now;
    return before && ((now.ms - before.ms) / (now.atMs - before.atMs)) * 100;
  }
}

/** @throws Error if the process has ended */
export function ownMemory(pid: number): OwnMemory {
  return { residentMb: statusMb(pid, 'VmRSS'), ownMb: statusMb(pid, 'RssAnon') };
}

function statusMb(pid: number, field: 'VmRSS' | 'RssAnon'): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(procFile(pid, 'status'))?.[1]) / 1024;
}

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function childrenOf(pid: number): number[] {
  const threads = unlessGone(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  // The kernel lists a child at the thread that started it.
  const listed = threads.map((thread) => unlessGone(() => procFile(pid, `task/${thread}/children`)) ?? '');
  return listed.join(' ').split(/\s+/).filter(Boolean).map(Number);
}

/** Returns the disk space that a directory occupies. */
function bytesIn(directory: string): number {
  const entries = unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  const sizes = entries.map((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return bytesIn(path);
    return unlessGone(() => lstatSync(path).blocks * BLOCK_BYTES) ?? 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

function procFile(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

/** Processes may end and files may be deleted while this reads them. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
