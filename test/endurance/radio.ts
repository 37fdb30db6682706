import { Air } from '../../device-sim/ble/air.ts';
import { HciController } from '../../device-sim/ble/hci-controller.ts';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import { epochNow, type SimulatedInput } from '../../device-sim/site/site-file.ts';
import { TerminalPlug } from '../../device-sim/site/terminal-plug.ts';
import { Crowd } from './crowd.ts';

/** A press is advertised ten times within this time, ms. */
const SAID_MS = 1000;
/** Time after which a scanning radio is proven to hear. */
const SETTLED_MS = 3000;

/** The gateway's radio, the enrolled tags and the crowd around it. */
export class Radio {
  readonly crowd: Crowd;
  readonly #controller: HciController;
  readonly #air: Air;
  readonly #plug: TerminalPlug;
  readonly #tags: readonly string[];
  readonly #random: Random;
  #scanningSinceMs: number | undefined;
  #saysUntilMs = 0;
  #isJammed = false;

  constructor(input: SimulatedInput, perSecond: number, seed: number, random: Random) {
    this.#random = random;
    this.#controller = new HciController({ seed });
    this.#tags = input.devices.map(({ id }) => id);
    this.#air = new Air({
      tags: input.devices.map(({ id, address = '', key, heartbeatSeconds = 0 }) => ({
        ...{ id, address: String(address), buttons: 1, counter: epochNow(), beaconMs: heartbeatSeconds * 1000 },
        ...(key === undefined ? {} : { key }),
      })),
      fobs: [],
    });
    this.#air.reach(this.#controller);
    this.#plug = new TerminalPlug(input.adapters[0], this.#controller);
    this.crowd = new Crowd(this.#controller, perSecond, random);
    this.#controller.onCommand(() => this.#looked());
  }

  /** Returns true if the radio has listened for some seconds. */
  get isWell(): boolean {
    this.#looked();
    return !this.#isJammed && performance.now() - (this.#scanningSinceMs ?? Number.POSITIVE_INFINITY) > SETTLED_MS;
  }

  anyone(): string {
    return this.#tags[randomBelow(this.#random, this.#tags.length)] ?? '';
  }

  /** @returns the id of the expected alert */
  press(tag: string): string {
    this.#saysUntilMs = performance.now() + SAID_MS;
    this.#air.press(tag);
    return `${tag}.0.${this.#air.tag(tag).counter}`;
  }

  /** Returns false while a tag sends a press: nothing repeats that. */
  unplug(): boolean {
    if (performance.now() < this.#saysUntilMs) return false;
    this.#plug.unplug();
    this.#looked();
    return true;
  }

  replug(): void {
    this.#plug.replug();
  }

  /** Makes the radio answer but hear nothing. Returns false while a tag sends a press. */
  jam(jammed: boolean): boolean {
    if (jammed && performance.now() < this.#saysUntilMs) return false;
    this.#isJammed = jammed;
    this.#scanningSinceMs = undefined;
    this.#controller.fault({ jammed });
    return true;
  }

  stop(): void {
    this.crowd.stop();
    this.#air.stop();
    this.#plug.unplug();
  }

  #looked(): void {
    if (!this.#controller.isScanning) this.#scanningSinceMs = undefined;
    else this.#scanningSinceMs ??= performance.now();
  }
}
