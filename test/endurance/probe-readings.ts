import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { GatewayNeeds } from '../../device-sim/site/wire.ts';
import { until } from '../rig/waiting.ts';

/**
 * Report of one thread of the gateway's process, in MB and ms. Event-loop delays count since its
 * last report.
 */
export interface ThreadReading {
  readonly thread: string;
  readonly threadId: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly heap: {
    readonly used: number;
    /** Part in the machine's physical memory. */
    readonly physical: number;
    readonly external: number;
    readonly malloced: number;
  };
  /** Number of full collections so far. */
  readonly majors: number;
  /** Number of the collect order that it answers. */
  readonly collected?: number;
}

const COLLECTED_WITHIN_MS = 10_000;
const SNAPSHOT_MS = 8_000;

const PROBE = fileURLToPath(new URL('./probe.mts', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

/** The far end of the probes in the gateway's threads. */
export class ProbeReadings {
  /** The last report of each living thread, by its name. */
  readonly latest = new Map<string, ThreadReading>();
  readonly #directory: string;
  readonly #everyMs: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #collections = 0;

  private constructor(directory: string, everyMs: number) {
    this.#directory = directory;
    this.#everyMs = everyMs;
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** Compiles the probe into the directory and listens for it there. */
  static async start(directory: string, everyMs: number): Promise<ProbeReadings> {
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--lib',
      'es2023',
      '--types',
      'node',
      '--strict',
      '--skipLibCheck',
    ];
    execFileSync(process.execPath, [TSC, '--ignoreConfig', PROBE, '--outDir', directory, ...options], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
    });
    const readings = new ProbeReadings(directory, everyMs);
    readings.#server.listen(readings.#path);
    await once(readings.#server, 'listening');
    return readings;
  }

  get gatewayNeeds(): GatewayNeeds {
    return {
      nodeArguments: ['--import', pathToFileURL(join(this.#directory, 'probe.mjs')).href],
      environment: { CALLPOINT_PROBE_SOCKET: this.#path, CALLPOINT_PROBE_MS: String(this.#everyMs) },
    };
  }

  /**
   * Lets each thread collect all garbage and report the rest. It stops the gateway for about a
   * tenth of a second.
   */
  async collect(): Promise<ReadonlyMap<string, ThreadReading>> {
    this.#collections += 1;
    const order = this.#collections;
    const collected = new Map<string, ThreadReading>();
    const off = this.#on((reading) => {
      if (reading.collected === order) collected.set(reading.thread, reading);
    });
    this.#tell({ collect: order });
    await until(() => collected.size >= this.latest.size, COLLECTED_WITHIN_MS);
    off();
    return collected;
  }

  /**
   * Lets each thread write a heap snapshot to `<prefix>-<thread>.heapsnapshot`. It stops the
   * gateway for seconds.
   */
  async snapshot(prefix: string): Promise<void> {
    this.#tell({ snapshot: prefix });
    await sleep(SNAPSHOT_MS);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get #path(): string {
    return join(this.#directory, 'probe.sock');
  }

  readonly #listeners = new Set<(reading: ThreadReading) => void>();

  #on(listener: (reading: ThreadReading) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(order: object): void {
    for (const socket of this.#sockets) socket.write(`${JSON.stringify(order)}\n`);
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    let thread = '';
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.latest.delete(thread);
    });
    createInterface({ input: socket }).on('line', (line) => {
      const reading = JSON.parse(line) as ThreadReading;
      thread = reading.thread;
      this.latest.set(thread, reading);
      for (const listener of this.#listeners) listener(reading);
    });
  }
}
