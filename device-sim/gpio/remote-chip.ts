import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type FromChip, SOCKET_VARIABLE, type ToChip } from './chip-messages.ts';
import type { Drive, Level } from './gpio-chip.ts';

interface RemoteChipOptions {
  /** Unix-domain socket that is made for the process with the chip. */
  readonly socketPath: string;
  /** Where the chip's device file appears. */
  readonly chipPath: string;
  readonly label: string;
  /** Line names, by offset. */
  readonly lines: readonly string[];
}

/**
 * The simulator's end of a GPIO chip that another process finds plugged in. It outlives that
 * process and serves the next one.
 */
export class RemoteChip {
  /**
   * What comes before the program in the process's arguments. Under tsx, after its own `--import`.
   */
  readonly nodeArguments: readonly string[];
  /** What is added to the process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #options: RemoteChipOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #drives = new Map<string, Drive>();
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

  /** @throws Error if the socket or the device file can't be made */
  async open(): Promise<void> {
    const { socketPath, chipPath } = this.#options;
    rmSync(socketPath, { force: true });
    // A configuration that names it is right before the process is there.
    writeFileSync(chipPath, '');
    this.#server.listen(socketPath);
    await once(this.#server, 'listening');
  }

  /** Drives a line from outside, or leaves it to its pull. */
  drive(line: string, drive: Drive): void {
    this.#drives.set(line, drive);
    this.#send({ type: 'drive', line, drive });
  }

  /** Level the line was last given as an output. */
  outputLevel(line: string): Level | undefined {
    return this.#levels.get(line);
  }

  /** Told of each level an output takes, the first one included. Returns how to stop listening. */
  onOutput(listener: (line: string, level: Level) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The device file goes, and all that is open of it hangs up. */
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
    // The interface tells the socket's errors on.
    told.on('error', () => socket.destroy());
    const { chipPath: path, label, lines } = this.#options;
    const drives = Object.fromEntries(this.#drives);
    this.#send({ type: 'chip', path, label, lines, drives, plugged: this.#plugged }, [socket]);
  }

  #output({ line, level }: FromChip): void {
    this.#levels.set(line, level);
    for (const listener of this.#listeners) listener(line, level);
  }

  #send(message: ToChip, to: Iterable<Socket> = this.#sockets): void {
    for (const socket of to) socket.write(`${JSON.stringify(message)}\n`);
  }
}

/** Serves a chip to whichever process is started with its `nodeArguments` and `environment`. */
export async function serveGpioChip(options: RemoteChipOptions): Promise<RemoteChip> {
  const chip = new RemoteChip(options);
  await chip.open();
  return chip;
}
