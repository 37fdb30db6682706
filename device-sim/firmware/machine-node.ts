import type { LineNode } from '../nodes/line-node.ts';
import type { Led } from '../nodes/press-watch.ts';
import type { NodeInput, NodeStep, WallNodeSettings } from '../nodes/wall-node.ts';
import type { Random } from '../random.ts';
import type { Emulator } from './avr-chip.ts';
import { LedWatch } from './led-watch.ts';
import { machineSettings } from './machine-settings.ts';
import { NodeMachine, type SentByte } from './node-machine.ts';
import type { BoardKind } from './node-pins.ts';
import { writeEpoch, writeSettings } from './node-storage.ts';

interface MachineNodeDeps {
  readonly emulator: Emulator;
  readonly board: BoardKind;
  readonly flash: Uint8Array<ArrayBuffer>;
  readonly random: Random;
  /** Of the line. */
  readonly baudRate: number;
}

const BITS_PER_BYTE = 10;
const GOOD_BATTERY_MV = 3_000;
/** A press is long after two seconds (hardware/node/core/contacts.c). */
const LONG_PRESS_MS = 2_100;

/** A wall node on a line whose chip runs the firmware, in the time of the line. */
export class MachineNode implements LineNode {
  readonly settings: WallNodeSettings;
  readonly numbersLater = true;
  readonly #machine: NodeMachine;
  readonly #watch = new LedWatch();
  readonly #bitMs: number;
  #epoch: number;
  #originMs: number | undefined;
  /** Bytes of a frame that is being sent, and frames with the times of their last stop bits. */
  #sending: number[] = [];
  #frames: { readonly wire: Uint8Array; readonly endMs: number }[] = [];
  #lineFreeMs = 0;
  /** Until when each button is held for a long press, whenever it is let go. */
  readonly #heldUntilMs = new Map<number, number>();
  /** Buttons that were let go too early for a long press. */
  readonly #letGo = new Set<number>();

  /** @throws CallpointError USAGE if the board cannot be this node */
  constructor(settings: WallNodeSettings, { emulator, board, flash, random, baudRate }: MachineNodeDeps) {
    this.settings = settings;
    this.#bitMs = 1000 / baudRate;
    this.#epoch = settings.epoch;
    const storage = new Uint8Array(board.chip.eepromBytes).fill(0xff);
    writeSettings(storage, machineSettings(settings, baudRate, board));
    writeEpoch(storage, settings.epoch - 1);
    this.#machine = new NodeMachine({ emulator, board, flash, storage, random });
    this.#machine.power({ chipMv: settings.batteryMv ?? GOOD_BATTERY_MV });
    for (let point = 0; point < settings.points; point++) this.#machine.point(point, true);
    this.#machine.onByte = (sent) => this.#sent(sent);
    this.#machine.onShown = ({ colour }) => this.#watch.changed(colour, this.#machine.nowMs);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get led(): Led {
    return this.#watch.led;
  }

  step(input: NodeInput, nowMs: number): NodeStep {
    this.#runUntil(nowMs);
    this.#take(input, nowMs - (this.#originMs ?? nowMs));
    return this.#outcome();
  }

  /** The bytes come one after the other, as the line carries them. */
  hear(wire: Uint8Array, nowMs: number): NodeStep {
    this.#runUntil(nowMs);
    let atMs = Math.max(nowMs - (this.#originMs ?? nowMs), this.#lineFreeMs);
    for (const byte of wire) {
      this.#machine.hear({ byte, isDamaged: false }, atMs, this.#bitMs);
      atMs += BITS_PER_BYTE * this.#bitMs;
    }
    this.#lineFreeMs = atMs;
    return this.#outcome();
  }

  #runUntil(nowMs: number): void {
    if (this.#originMs === undefined) {
      this.#originMs = nowMs;
      this.#machine.switchOn();
    }
    const ms = nowMs - this.#originMs;
    for (const [button, untilMs] of this.#heldUntilMs) {
      if (untilMs > ms) continue;
      this.#heldUntilMs.delete(button);
      this.#machine.runUntil(untilMs);
      if (this.#letGo.delete(button)) this.#machine.button(button, false);
    }
    this.#machine.runUntil(ms);
    this.#watch.look(ms);
  }

  #take(input: NodeInput, ms: number): void {
    switch (input.type) {
      case 'restart':
        this.#epoch += 1;
        this.#machine.switchOff();
        // What it was sending does not arrive.
        this.#sending = [];
        this.#frames = [];
        this.#machine.switchOn();
        break;
      case 'press':
        this.#letGo.delete(input.button);
        if (input.pattern === 'long') this.#heldUntilMs.set(input.button, ms + LONG_PRESS_MS);
        this.#machine.button(input.button, true);
        break;
      case 'release':
        if (this.#heldUntilMs.has(input.button)) this.#letGo.add(input.button);
        else this.#machine.button(input.button, false);
        break;
      case 'point':
        this.#machine.point(input.point, !input.active);
        break;
      case 'tamper':
        this.#machine.cover(!input.active);
        break;
      case 'power':
        this.#machine.power({
          ...(input.batteryMv !== undefined && { chipMv: input.batteryMv }),
          ...(input.supplyMv !== undefined && { supplyMv: input.supplyMv }),
        });
        break;
      case 'start':
      case 'tick':
      // It hears every frame.
      case 'frame':
        break;
    }
  }

  #outcome(): NodeStep {
    const { nowMs, nextMs } = this.#machine;
    const frames = this.#frames.filter(({ endMs }) => endMs <= nowMs).map(({ wire }) => wire);
    this.#frames = this.#frames.slice(frames.length);
    const frameMs = this.#frames[0]?.endMs ?? Infinity;
    const wakeMs = Math.min(nextMs, frameMs, this.#watch.dueMs, ...this.#heldUntilMs.values());
    return { frames, wakeMs: wakeMs + (this.#originMs ?? 0) };
  }

  #sent({ byte, atMs, bitMs }: SentByte): void {
    this.#sending.push(byte);
    if (byte !== 0 || this.#sending.length === 1) return;
    this.#frames.push({ wire: Uint8Array.from(this.#sending), endMs: atMs + BITS_PER_BYTE * bitMs });
    this.#sending = [];
  }
}
