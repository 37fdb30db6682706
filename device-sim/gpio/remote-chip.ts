import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type FromChip, SOCKET_VARIABLE, type ToChip } from './chip-messages.ts';
import type { Drive, Level } from './gpio-chip.ts';

interface RemoteChipOptions {
  /** Path of the Unix-domain socket for the process with the chip. */
  readonly socketPath: string;
  /** Path of the chip's device file. */
  readonly chipPath: string;
  readonly label: string;
  /** Line names, by offset. */
  readonly lines: readonly string[];
}

/**
 * The simulator's end of a GPIO chip in another process. It outlives that process and serves the
 * next one.
 */
export class RemoteChip {
  /**
   * Arguments of the process that go before the program. Under tsx they go after tsx's own
   * `--import`.
   */
  readonly nodeArguments: readonly string[];
  /** Variables to add to the process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #options: RemoteChipOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #drives = new Map<string, Drive>();
  readonly #users = new Map<string, string>();
  readonly #levels = new Map<string, Level>();
  readonly #listeners = new Set<(line: string, level: Level) => void>();
  #plugged = true;

  constructor(options: RemoteChipOptions) {
    this.#options = options;
    const here = import.meta.url;
    const preload = new URL(`./preload${here.endsWith('.ts') ? '.ts' : '.js'}`, here);
    this.nodeArguments = ['--import', preload.href];
    this.environment = { [SOCKET_VARIABLE]: options.socketPath };
    this.#server = createServer((socket) => this.#connected(socket));
  }

  /** @throws Error if it cannot make the socket or the device file */
  async open(): Promise<void> {
    const { socketPath, chipPath } = this.#options;
    rmSync(socketPath, { force: true });
    // A configuration that names the device file is valid before the process runs.
    writeFileSync(chipPath, '');
    this.#server.listen(socketPath);
    await once(this.#server, 'listening');
  }

  /** Drives a line from outside, or leaves it to its bias. */
  drive(line: string, drive: Drive): void {
    this.#drives.set(line, drive);
    this.#send({ type: 'drive', line, drive });
  }

  /** Lets the kernel or another program take a line that the process does not hold. */
  occupy(line: string, consumer: string): void {
    this.#users.set(line, consumer);
    this.#send({ type: 'use', line, consumer });
  }

  free(line: string): void {
    this.#users.delete(line);
    this.#send({ type: 'use', line });
  }

  /** Returns the last level of the line as an output. */
  outputLevel(line: string): Level | undefined {
    return this.#levels.get(line);
  }

  /**
   * Calls back with each level that an output takes, including the first. Returns a function that
   * removes the listener.
   */
  onOutput(listener: (line: string, level: Level) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Removes the device file and hangs up every descriptor of it. */
  unplug(): void {
    this.#plugged = false;
    rmSync(this.#options.chipPath, { force: true });
    this.#send({ type: 'plug', plugged: false });
  }

  replug(): void {
    this.#plugged = true;
    this.#send({ type: 'plug', plugged: true });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    rmSync(this.#options.chipPath, { force: true });
  }

  #connected(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    const told = createInterface({ input: socket });
    told.on('line', (line) => this.#output(JSON.parse(line) as FromChip));
    // The interface passes the socket's errors on.
    told.on('error', () => socket.destroy());
    const { chipPath: path, label, lines } = this.#options;
    const drives = Object.fromEntries(this.#drives);
    const users = Object.fromEntries(this.#users);
    this.#send({ type: 'chip', path, label, lines, drives, users, plugged: this.#plugged }, [socket]);
  }

  #output({ line, level }: FromChip): void {
    this.#levels.set(line, level);
    for (const listener of this.#listeners) listener(line, level);
  }

  #send(message: ToChip, to: Iterable<Socket> = this.#sockets): void {
    for (const socket of to) socket.write(`${JSON.stringify(message)}\n`);
  }
}

/** Serves a chip to any process that is started with its `nodeArguments` and `environment`. */
export async function serveGpioChip(options: RemoteChipOptions): Promise<RemoteChip> {
  const chip = new RemoteChip(options);
  await chip.open();
  return chip;
}
