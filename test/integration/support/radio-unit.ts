import { type ChildProcess, spawn } from 'node:child_process';
import { linkSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { moduleArguments } from '../../../gateway/system/fork-module.ts';

const SCANNER = new URL('../../../gateway/inputs/ble/scanner-process', import.meta.url);

/**
 * What systemd does for callpoint-radio.socket with `Accept=yes`: for each connection it starts a
 * process that has the connection as its descriptor 3.
 */
export class RadioUnit {
  /** What the next connection gets in place of a process, once. */
  attack: ((socket: Socket) => void) | undefined;
  readonly #path: string;
  readonly #running = new Set<ChildProcess>();
  readonly #attackers = new Set<Socket>();
  #server: Server | undefined;

  constructor(path: string) {
    this.#path = path;
    this.start();
  }

  start(): void {
    rmSync(this.#path, { force: true });
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server.listen(this.#path);
  }

  /** Connections are refused from now on. The socket's file stays, as systemd leaves it. */
  stop(): void {
    const kept = `${this.#path}.kept`;
    linkSync(this.#path, kept);
    this.#server?.close();
    linkSync(kept, this.#path);
    rmSync(kept);
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#attackers) socket.destroy();
    for (const child of this.#running) child.kill('SIGKILL');
  }

  #accept(socket: Socket): void {
    const { attack } = this;
    this.attack = undefined;
    if (attack === undefined) this.#run(socket);
    else {
      this.#attackers.add(socket);
      socket.on('error', () => undefined);
      attack(socket.resume());
    }
  }

  #run(socket: Socket): void {
    const child = spawn(process.execPath, moduleArguments(SCANNER, import.meta.url, 128), {
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', socket],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    // Closes this copy only: the process has its own.
    socket.destroy();
  }
}
