import type { LineNode } from '../nodes/line-node.ts';
import type { Led } from '../nodes/press-watch.ts';
import type { NodeInput, NodeStep, WallNodeSettings } from '../nodes/wall-node.ts';
import type { Random } from '../random.ts';
import type { Emulator } from './avr-chip.ts';
import { LedWatch } from './led-watch.ts';
import { NodeMachine } from './node-machine.ts';
import type { BoardKind } from './node-pins.ts';
import { USUAL_BAUD_RATE, writeEpoch, writeSettings } from './node-storage.ts';

interface MachineNodeDeps {
  readonly emulator: Emulator;
  readonly board: BoardKind;
  readonly flash: Uint8Array<ArrayBuffer>;
  readonly random: Random;
}

const BIT_MS = 1000 / USUAL_BAUD_RATE;
const BYTE_MS = 10 * BIT_MS;
const LOW_BATTERY_MV = 2_400;
const GOOD_BATTERY_MV = 3_000;
const SERIAL_DIGITS = 16;

/** A wall node on a line whose chip runs the firmware, in the time of the line. */
export class MachineNode implements LineNode {
  readonly settings: WallNodeSettings;
  readonly numbersLater = true;
  readonly #machine: NodeMachine;
  readonly #watch = new LedWatch();
  #epoch: number;
  #originMs: number | undefined;
  /** Bytes of a frame that is being sent, and frames that were sent. */
  #sending: number[] = [];
  #frames: Uint8Array[] = [];
  #lineFreeMs = 0;

  constructor(settings: WallNodeSettings, { emulator, board, flash, random }: MachineNodeDeps) {
    this.settings = settings;
    this.#epoch = settings.epoch;
    const storage = new Uint8Array(board.chip.eepromBytes).fill(0xff);
    writeSettings(storage, {
      key: settings.key,
      serial: settings.serial ?? settings.address.toString(16).padStart(SERIAL_DIGITS, '0'),
      address: settings.address,
      // A site may give a node more buttons than the board has.
      buttons: Math.min(settings.buttons, board.buttons.length),
      points: Math.min(settings.points, board.points.length),
      isSharedLine: true,
      lowBatteryMv: LOW_BATTERY_MV,
      ...(settings.heartbeatMs && { heartbeatSeconds: Math.ceil(settings.heartbeatMs / 1000) }),
    });
    writeEpoch(storage, settings.epoch - 1);
    this.#machine = new NodeMachine({ emulator, board, flash, storage, random });
    this.#machine.power({ chipMv: settings.batteryMv ?? GOOD_BATTERY_MV });
    this.#machine.onByte = ({ byte }) => this.#sent(byte);
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
    this.#take(input);
    return this.#outcome();
  }

  /** The bytes come one after the other, as the line carries them. */
  hear(wire: Uint8Array, nowMs: number): NodeStep {
    this.#runUntil(nowMs);
    let atMs = Math.max(nowMs - (this.#originMs ?? nowMs), this.#lineFreeMs);
    for (const byte of wire) {
      this.#machine.hear({ byte, isDamaged: false }, atMs, BIT_MS);
      atMs += BYTE_MS;
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
    this.#machine.runUntil(ms);
    this.#watch.look(ms);
  }

  #take(input: NodeInput): void {
    switch (input.type) {
      case 'restart':
        this.#epoch += 1;
        this.#machine.switchOff();
        this.#sending = [];
        this.#machine.switchOn();
        break;
      case 'press':
        if (input.pattern === 'long') throw new RangeError('the nodes of the firmware here do not know a long press');
        this.#machine.button(input.button, true);
        break;
      case 'release':
        this.#machine.button(input.button, false);
        break;
      case 'point':
        this.#machine.point(input.point, input.active);
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
    const frames = this.#frames;
    this.#frames = [];
    const wakeMs = Math.min(this.#machine.nextMs, this.#watch.dueMs) + (this.#originMs ?? 0);
    return { frames, wakeMs };
  }

  #sent(byte: number): void {
    this.#sending.push(byte);
    if (byte !== 0 || this.#sending.length === 1) return;
    this.#frames.push(Uint8Array.from(this.#sending));
    this.#sending = [];
  }
}
