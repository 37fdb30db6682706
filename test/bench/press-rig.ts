import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import type { Receiver } from '../../device-sim/receiver/receiver.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { BenchSite } from './bench-site.ts';

/**
 * When one press was complete on the wire, when its first byte reached the receiver, and when the
 * wall showed that it is accepted.
 */
export interface PressTimes {
  readonly id: string;
  readonly wireMs: number;
  receiverMs: number | undefined;
  acceptedMs: number | undefined;
}

/** Presses at the wire and reads the answers on it, as the nodes would. */
export class PressRig {
  readonly times = new Map<string, PressTimes>();
  readonly #site: BenchSite;
  readonly #terminal: PseudoTerminal;
  readonly #epoch = Math.floor(Date.now() / 1000);
  readonly #counters = new Map<string, number>();
  readonly #scanner = new FrameScanner();
  #rehearsed = 0;

  constructor(site: BenchSite, receiver: Receiver) {
    this.#site = site;
    this.#terminal = openPseudoTerminal();
    this.#terminal.link(site.serialLink);
    this.#terminal.onData((bytes) => this.#scan(bytes, monoMs()));
    receiver.on((notice) => {
      if (notice.type !== 'event' || notice.event.reportId === undefined) return;
      const times = this.times.get(notice.event.reportId);
      if (times !== undefined) times.receiverMs ??= notice.event.firstByteMs;
    });
  }

  /** Seals the frames first, so that only the gateway's time is measured. */
  prepare(count: number): { readonly id: string; readonly wire: Uint8Array }[] {
    return Array.from({ length: count }, (_, index) => {
      const device = this.#site.devices[index % this.#site.devices.length] ?? '';
      const counter = (this.#counters.get(device) ?? 0) + 1;
      this.#counters.set(device, counter);
      const header = { address: Number(device.slice(1)), epoch: this.#epoch, counter };
      const key = this.#site.keys.get(device) ?? new Uint8Array(16);
      const wire = sealFrame(nodeAesCcm, key, header, { type: 'press', button: 0, pattern: 'single' });
      return { id: `${device}.${this.#epoch}.${counter}`, wire };
    });
  }

  press({ id, wire }: { readonly id: string; readonly wire: Uint8Array }): void {
    this.#terminal.write(wire);
    this.times.set(id, { id, wireMs: monoMs(), receiverMs: undefined, acceptedMs: undefined });
  }

  /**
   * Seals a press and an answer and reads the answer, as in a measured press, without a gateway.
   */
  rehearse(): void {
    const key = this.#site.keys.get('d1') ?? new Uint8Array(16);
    this.#rehearsed += 1;
    const header = { address: 1, epoch: this.#epoch, counter: this.#rehearsed };
    sealFrame(nodeAesCcm, key, header, { type: 'press', button: 0, pattern: 'single' });
    const answer = sealFrame(nodeAesCcm, key, header, { type: 'ack', nodeEpoch: 0, counter: 0, status: 'accepted' });
    this.#scan(answer, monoMs());
  }

  close(): void {
    this.#terminal.close();
  }

  #scan(bytes: Uint8Array, atMs: number): void {
    this.#scanner.push(
      bytes,
      (body) => this.#answered(body, atMs),
      () => undefined,
    );
  }

  #answered(body: Uint8Array, atMs: number): void {
    const parsed = parseFrame(body);
    if (!parsed.ok) return;
    const device = `d${parsed.frame.header.address}`;
    const key = this.#site.keys.get(device);
    const message = key && openFrame(nodeAesCcm, key, parsed.frame);
    if (message?.type !== 'ack' || message.status !== 'accepted') return;
    const times = this.times.get(`${device}.${message.nodeEpoch}.${message.counter}`);
    if (times !== undefined) times.acceptedMs ??= atMs;
  }
}
