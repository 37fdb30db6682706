import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { Watchers } from '../watchers.ts';
import { PageDesk, type ReceivedPage, type ShownPage } from './page-desk.ts';
import { type TapBehaviour, type TapTraits, USUAL_TERMINAL } from './tap-behaviour.ts';
import { TapSession, type TapSessionHost } from './tap-session.ts';

type TapNotice =
  /**
   * `call`: the caller asked for `ID=`. `block`: the terminal's answer to a block. `ended`: EOT
   * came.
   */
  | { readonly type: 'call' | 'block' | 'refused' | 'ended' | 'connected' | 'disconnected'; readonly detail: string }
  | { readonly type: 'page'; readonly page: ReceivedPage; readonly isNew: boolean };

/** A simulated paging terminal: TAP 1.8 over TCP or at the far end of a serial cable. */
export class TapTerminal implements TapSessionHost {
  readonly traits: TapTraits;
  readonly watchers = new Watchers<TapNotice>();
  /** Every notice since start, oldest first. */
  readonly notices: TapNotice[] = [];
  readonly #desk = new PageDesk();
  readonly #sockets = new Map<Socket, TapSession>();
  #behaviour: TapBehaviour = { type: 'normal' };
  #server: Server | undefined;
  #port = 0;
  #serial: TapSession | undefined;
  #unplug: (() => void) | undefined;

  constructor(traits: Partial<TapTraits> = {}) {
    this.traits = { ...USUAL_TERMINAL, ...traits };
  }

  /** Every page accepted, including repeats. */
  get pages(): readonly ReceivedPage[] {
    return this.#desk.pages;
  }

  /** Each page once. */
  get shown(): readonly ShownPage[] {
    return this.#desk.shown;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  count(type: TapNotice['type']): number {
    return this.notices.filter((notice) => notice.type === type).length;
  }

  until(condition: (terminal: TapTerminal) => boolean): Promise<void> {
    return this.watchers.until(() => condition(this));
  }

  /** @param port 0 for any free port */
  async listen(port: number, host = '127.0.0.1'): Promise<void> {
    const server = createServer((socket) => this.#connected(socket));
    server.listen(port, host);
    await once(server, 'listening');
    server.on('error', (error) => this.notice('refused', error.message));
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Serves the far end of this cable until `unplug` or `close`. */
  plug(cable: PseudoTerminal): void {
    this.unplug();
    const session = new TapSession({ write: (bytes) => cable.write(bytes), hangUp: () => undefined }, this);
    this.#serial = session;
    this.#unplug = cable.onData((bytes) => session.received(bytes));
  }

  unplug(): void {
    this.#unplug?.();
    this.#serial?.close();
    this.#unplug = undefined;
    this.#serial = undefined;
  }

  /** Sets the behaviour towards new calls. Resolves when the listener is in its new state. */
  async behave(behaviour: TapBehaviour): Promise<void> {
    const wasRefusing = this.#behaviour.type === 'refuse';
    this.#behaviour = behaviour;
    if (behaviour.type === 'refuse') await this.#stopListening();
    else if (wasRefusing && this.#port !== 0) await this.listen(this.#port);
  }

  clear(): void {
    this.#desk.clear();
    this.notices.length = 0;
  }

  async close(): Promise<void> {
    this.unplug();
    await this.#stopListening();
    this.watchers.clear();
  }

  behaviour(): TapBehaviour {
    return this.#behaviour;
  }

  become(behaviour: TapBehaviour): void {
    this.#behaviour = behaviour;
  }

  page(pager: string, message: string): void {
    const isNew = this.#desk.take(pager, message);
    const page = this.#desk.pages.at(-1);
    if (page !== undefined) this.#tell({ type: 'page', page, isNew });
  }

  notice(type: Exclude<TapNotice['type'], 'page'>, detail: string): void {
    this.#tell({ type, detail });
  }

  #tell(notice: TapNotice): void {
    this.notices.push(notice);
    this.watchers.tell(notice);
  }

  #connected(socket: Socket): void {
    socket.setNoDelay(true);
    const line = { write: (bytes: Uint8Array) => void socket.write(bytes), hangUp: () => void socket.end() };
    const session = new TapSession(line, this);
    this.#sockets.set(socket, session);
    socket.on('data', (bytes) => session.received(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      session.close();
      this.#sockets.delete(socket);
      this.notice('disconnected', '');
    });
    this.notice('connected', '');
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets.keys()) socket.resetAndDestroy();
    await closed;
  }
}
