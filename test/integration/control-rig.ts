import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import type { ControlLimits } from '../../gateway/control/control-limits.ts';
import { type Control, startControl } from '../../gateway/control/control-socket.ts';
import { controlSocketPath } from '../../gateway/control/socket-file.ts';
import type { DiscoveryDocument } from '../../protocol/discovery-document.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { StatusDocument } from '../../protocol/status-document.ts';
import type { WalkTestDocument } from '../../protocol/walk-test-document.ts';
import { Waiting } from './support/waiting.ts';

export const PATIENT: ControlLimits = {
  connections: 4,
  askMs: 10_000,
  reloadMs: 2000,
  answerMs: 10_000,
  hangUpMs: 5_000,
  lookMs: 20,
};

const NO_WALK_TEST: WalkTestDocument = {
  state: 'none',
  scope: 'site',
  counts: { tested: 0, awaiting: 0, untested: 0 },
  places: [],
};

export const STATUS: StatusDocument = {
  gateway: 'gw-1',
  version: '0.1.0',
  started_at: '2026-11-28T08:00:00.000Z',
  at: '2026-11-28T09:00:00.000Z',
  troubles: [],
  drills: [],
  alerts: [],
  inputs: [],
  paths: [],
  devices: [],
  doors: [],
};

const NOTHING_DISCOVERED: DiscoveryDocument = { at: STATUS.at, listener: 'gateway', inputs: [], strangers: [] };

interface Asked {
  readonly command: GatewayCommand;
  readonly ticket: number;
}

/** A control socket with a core that gives prescribed answers. */
export class ControlRig {
  readonly directory: string;
  readonly asked: Asked[] = [];
  /** Who asked the gateway to stop for an update. */
  readonly updatedBy: string[] = [];
  readonly unavailable: string[] = [];
  available = 0;
  readonly #controls: Control[] = [];
  readonly #clients: Socket[] = [];
  readonly #waiting = new Waiting();
  /** Answers at once, unless a test replaces it. */
  reply: ((asked: Asked) => void) | undefined = ({ ticket }) => this.control.answer(ticket, true, 'done');

  /** Answers `discovered`. */
  discovered: () => Promise<DiscoveryDocument> = async () => NOTHING_DISCOVERED;

  constructor(directory = mkdtempSync(join(tmpdir(), 'callpoint-control-'))) {
    this.directory = directory;
  }

  get path(): string {
    return controlSocketPath(this.directory);
  }

  get control(): Control {
    const control = this.#controls.at(-1);
    if (control === undefined) throw new Error('nothing was started');
    return control;
  }

  start(limits: ControlLimits = PATIENT): this {
    const command = (command: GatewayCommand, ticket: number) => {
      this.asked.push({ command, ticket });
      this.reply?.({ command, ticket });
      this.#waiting.check();
    };
    const unavailable = (detail: string) => {
      this.unavailable.push(detail);
      this.#waiting.check();
    };
    const available = () => {
      this.available += 1;
      this.#waiting.check();
    };
    const questions = { status: () => STATUS, discovered: () => this.discovered(), walkTest: () => NO_WALK_TEST };
    const stopForUpdate = (by: string, ticket: number) => {
      this.updatedBy.push(by);
      this.control.answer(ticket, true, 'stops');
      this.control.stop();
    };
    const sink = { command, questions, unavailable, available, stopForUpdate };
    this.#controls.push(startControl(this.directory, sink, limits));
    return this;
  }

  untilAvailable(): Promise<void> {
    return this.#waiting.until('the socket to be available', () => this.available > 0);
  }

  /** Repeats the request until something listens. */
  async untilAnswers(): Promise<void> {
    const asked = this.asked.length;
    while (this.asked.length === asked) {
      await askGateway(this.directory, { command: 'canary', by: 'maria', reason: 'by hand' }).catch(() => undefined);
    }
  }

  untilAsked(count: number): Promise<void> {
    return this.#waiting.until(
      `${count} commands`,
      () => this.asked.length >= count,
      () => this.asked,
    );
  }

  untilUnavailable(): Promise<void> {
    return this.#waiting.until('the socket to be unavailable', () => this.unavailable.length > 0);
  }

  /** A client that can send any bytes. */
  async client(): Promise<Socket> {
    const socket = connect({ path: this.path, allowHalfOpen: true });
    this.#clients.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  stop(): void {
    for (const client of this.#clients) client.destroy();
    for (const control of this.#controls) control.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Resolves with everything received until the other side ends. */
export async function heardBy(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  // The other side may have ended before anybody listened.
  if (!socket.closed && !socket.readableEnded) await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return text;
}
