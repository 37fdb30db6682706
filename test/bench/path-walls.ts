import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { DownMessage } from '../../protocol/button-bus/message.ts';
import type { PathSite } from './path-site.ts';

export type WallStatus = Extract<DownMessage, { readonly type: 'ack' }>['status'];

export interface WallPress {
  /** Id of the alert that it raises. */
  readonly id: string;
  readonly device: string;
  /** Monotonic ms at which it was complete on the wire. */
  readonly wireMs: number;
}

/** Presses the devices of a line in turn and reads every answer to the walls. */
export class PathWalls {
  readonly #site: PathSite;
  readonly #told: (id: string, status: WallStatus, atMs: number) => void;
  readonly #terminal: PseudoTerminal;
  readonly #scanner = new FrameScanner();
  readonly #epoch = Math.floor(Date.now() / 1000);
  #presses = 0;

  constructor(site: PathSite, told: (id: string, status: WallStatus, atMs: number) => void) {
    this.#site = site;
    this.#told = told;
    this.#terminal = openPseudoTerminal();
    this.#terminal.link(site.serialLink);
    this.#terminal.onData((bytes) => this.#scan(bytes, monoMs()));
  }

  press(): WallPress {
    const { devices } = this.#site;
    const device = devices[this.#presses % devices.length] ?? '';
    const counter = Math.floor(this.#presses / devices.length) + 1;
    this.#presses += 1;
    const header = { address: Number(device.slice(1)), epoch: this.#epoch, counter };
    const wire = sealFrame(nodeAesCcm, this.#keyOf(device), header, { type: 'press', button: 0, pattern: 'single' });
    this.#terminal.write(wire);
    return { id: `${device}.${this.#epoch}.${counter}`, device, wireMs: monoMs() };
  }

  close(): void {
    this.#terminal.close();
  }

  #scan(bytes: Uint8Array, atMs: number): void {
    this.#scanner.push(
      bytes,
      (body) => this.#heard(body, atMs),
      () => undefined,
    );
  }

  #heard(body: Uint8Array, atMs: number): void {
    const parsed = parseFrame(body);
    if (!parsed.ok) return;
    const device = `d${parsed.frame.header.address}`;
    const message = openFrame(nodeAesCcm, this.#keyOf(device), parsed.frame);
    if (message?.type === 'ack') this.#told(`${device}.${message.nodeEpoch}.${message.counter}`, message.status, atMs);
  }

  #keyOf(device: string): Uint8Array {
    return this.#site.keys.get(device) ?? new Uint8Array(16);
  }
}
