import type { Manner } from '../../device-sim/mqtt/manners.ts';
import type { TwinPress } from '../../device-sim/mqtt/twin.ts';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import { type MqttSite, MqttWorld } from './mqtt-world.ts';

/** Longer than a duplicate may come late, and than the quiet time after that. */
const SETTLED_MS = 8_000;
/** A device that publishes its last event or state again has done so. */
const REPEATED_MS = 40_000;
/** `hold` within this time of another press belongs to it. */
const APART_MS = 15_000;
const LOW_PERCENT = 5;
/** No finger presses again sooner; a contact that bounces does. */
const LET_GO_MS = 300;
/** A press has been classified and heard, and its duplicates have not all come yet. */
const RESTART_AFTER_PRESS_MS = 1_300;
/** A press that is not understood is told at once, and one that follows it within a minute. */
const TOLD_WITHIN_MS = 61_000;

/** Habits that say nothing else than a device that has none. */
const HARMLESS: readonly Manner[] = [
  'duplicates',
  'repeatEvents',
  'retainEvents',
  'reorder',
  'otherForm',
  'capitals',
  'lowWords',
  'largeMessages',
  'clockAhead3600',
  'clockBehind3600',
];
const GARBLED: readonly Manner[] = ['unknownWord', 'brokenJson'];

export interface LifeOptions {
  /** No device has this habit. */
  readonly without?: readonly Manner[];
  /** What the gateway did not hear, it hears later. */
  readonly saysAgain?: boolean;
}

/**
 * Some minutes of MQTT devices of one profile: presses, doors, batteries, devices that die, bridges
 * and connections that come and go, and bad habits. One seed gives one history. What breaks a
 * promise is noted.
 */
export class MqttLife {
  readonly world: MqttWorld;
  readonly broken: string[] = [];
  /** Presses that must have raised an alert, and those that must have been told otherwise. */
  readonly counts = { pressed: 0, garbled: 0, died: 0 };
  readonly #random: Random;
  readonly #options: LifeOptions;
  readonly #devices: readonly MqttSite['devices'][number][];
  readonly #pressedMs = new Map<string, number>();
  /** Buttons that are held down. */
  readonly #held = new Set<string>();
  readonly #gone = new Set<string>();
  /** Topics of which a message was told to be no JSON. */
  readonly #told = new Set<string>();
  /** Devices whose last event was not heard, or was cut, and may come again. */
  readonly #comesAgain = new Set<string>();
  /**
   * No device both publishes its last event again and leaves an older one at the broker: after that
   * one is heard again, at a connection, nothing could tell the last event from a new one.
   */
  readonly #never: Manner;
  #isQuiet = false;

  constructor(site: MqttSite, seed: number, options: LifeOptions = {}) {
    this.#random = seededRandom(seed);
    this.#options = options;
    this.#devices = site.devices;
    this.#never = this.#one<Manner>(['retainEvents', 'repeatEvents']);
    this.world = new MqttWorld(site, seed);
    for (const link of this.world.links) this.world.connect(link, true);
    this.world.core.run(60_000);
    this.world.onMessage = () => this.#checkDead('at once');
  }

  live(steps: number): this {
    for (let step = 0; step < steps; step += 1) this.#step();
    return this;
  }

  #step(): void {
    const act = this.#one<() => void>([
      () => this.#press(),
      () => this.#press(),
      () => this.#press(),
      () => this.#door(),
      () => this.#battery(),
      () => this.#reconnect(),
      () => this.#presence(),
      () => this.#behave(),
      () => this.#gateway(),
      () => this.#pressUnheard(),
    ]);
    const raised = this.world.core.raised.length;
    act();
    this.world.core.run(SETTLED_MS + randomBelow(this.#random, 60_000));
    this.#expectAlerts(raised);
    this.#checkDead('in the end');
    this.#checkAlive();
  }

  #expected: string[] = [];

  #expectAlerts(before: number): void {
    const got = this.world.core.raised.slice(before).map(({ device }) => device);
    for (const device of this.#comesAgain) {
      if (got.includes(device) && !this.#expected.includes(device)) this.#expected.push(device);
    }
    if (got.sort().join() !== this.#expected.sort().join()) {
      this.#break(`presses of [${this.#expected.join()}] raised alerts of [${got.join()}]`);
    }
    this.#expected = [];
  }

  #press(): void {
    const { id, buttons } = this.#one(this.#devices);
    const link = this.world.linkOf(id);
    const [{ id: button = '' } = {}] = buttons;
    const { core } = this.world;
    if (!link.isUp || this.#gone.has(id) || this.#held.has(id)) return;
    if (core.clock.nowMs - (this.#pressedMs.get(id) ?? Number.NEGATIVE_INFINITY) < APART_MS) return;
    this.#pressedMs.set(id, core.clock.nowMs);
    const how = this.#one<TwinPress>(['single', 'single', 'long']);
    const said = [this.#toldSoFar(), core.raised.length] as const;
    this.world.publish(link, link.twin.press(id, button, how, this.world.wallMs));
    this.#held.add(id);
    core.clock.after(this.#one([300, 2_000, 45_000]), () => {
      this.world.publish(link, link.twin.release(id, button, this.world.wallMs));
      core.clock.after(LET_GO_MS, () => this.#held.delete(id));
    });
    if (!GARBLED.some((manner) => link.twin.manners.has(manner))) {
      this.counts.pressed += 1;
      this.#expected.push(id);
      this.#comesAgain.delete(id);
      if (this.#random() < 0.1) core.clock.after(RESTART_AFTER_PRESS_MS, () => this.world.restartGateway());
      return;
    }
    this.counts.garbled += 1;
    if (link.twin.manners.has('brokenJson')) this.#comesAgain.add(id);
    core.run(TOLD_WITHIN_MS);
    const isTold = this.#toldSoFar() > said[0] || this.#wasTold(id, link.twin.manners);
    if (isTold) this.#told.add(this.#topicOf(id));
    else if (core.raised.length === said[1]) {
      this.#break(`a garbled press of ${id} (${[...link.twin.manners].join(' ')}) was told nowhere`);
    }
  }

  /**
   * Of a message that is no JSON nobody knows which of the devices on its topic it was. Each such
   * message is told once, and then counted.
   */
  #wasTold(device: string, manners: ReadonlySet<Manner>): boolean {
    const topic = this.#topicOf(device);
    const isShared = this.#devices.some((other) => other.id !== device && other.topic === topic);
    return isShared && manners.has('brokenJson') && this.#told.has(topic);
  }

  #topicOf(device: string): string {
    return this.#devices.find(({ id }) => id === device)?.topic ?? '';
  }

  /**
   * While the gateway hears nothing. A device that says the press again, later, is heard once. Of
   * the others nobody can know.
   */
  #pressUnheard(): void {
    const { id, buttons } = this.#one(this.#devices);
    const link = this.world.linkOf(id);
    const [{ id: button = '' } = {}] = buttons;
    const { core } = this.world;
    const isReady = link.isUp && !this.#gone.has(id) && !this.#held.has(id);
    if (!isReady || GARBLED.some((manner) => link.twin.manners.has(manner))) return;
    this.world.deafen();
    const before = core.raised.length;
    const toldBefore = this.#toldSoFar();
    this.#pressedMs.set(id, core.clock.nowMs);
    this.world.publish(link, link.twin.press(id, button, 'single', this.world.wallMs));
    core.run(this.#one([5_000, 30_000, 90_000]));
    this.world.listen();
    core.run(REPEATED_MS);
    const count = core.raised.slice(before).filter(({ device }) => device === id).length;
    if (count > 1) this.#break(`a press of ${id} that was not heard raised ${count} alerts`);
    if (count === 0 && this.#options.saysAgain && this.#toldSoFar() === toldBefore) {
      this.#break(`${id} said again that it was pressed, and nobody was told`);
    }
    this.world.publish(link, link.twin.release(id, button, this.world.wallMs));
    this.#expected.push(...core.raised.slice(before).map(({ device }) => device));
    this.#comesAgain.add(id);
  }

  #door(): void {
    const { id, points } = this.#one(this.#devices);
    const link = this.world.linkOf(id);
    const [point] = points;
    if (point === undefined || !link.isUp || this.#gone.has(id)) return;
    this.world.publish(link, link.twin.point(id, point.id, this.#random() < 0.5, this.world.wallMs));
  }

  #battery(): void {
    const { id } = this.#one(this.#devices);
    const link = this.world.linkOf(id);
    if (!link.isUp || this.#gone.has(id)) return;
    const isLow = this.#random() < 0.5;
    const messages = link.twin.battery(id, isLow ? LOW_PERCENT : 100, this.world.wallMs);
    const toldBefore = this.#toldSoFar();
    this.world.publish(link, messages);
    const shown = this.world.core.devices.get(id)?.low_battery;
    if (isLow && messages.length > 0 && shown === false && this.#toldSoFar() === toldBefore) {
      this.#break(`the low battery of ${id} is shown as well`);
    }
  }

  #reconnect(): void {
    const link = this.#one(this.world.links);
    this.world.lose(link);
    this.world.core.run(this.#one([500, 5_000, 90_000]));
    this.#checkDead('while its connection is lost');
    this.world.connect(link, this.#random() < 0.5);
  }

  /** A bridge tells that a device is out of reach. Other devices are their own connection. */
  #presence(): void {
    const { id } = this.#one(this.#devices);
    const link = this.world.linkOf(id);
    if (!link.isUp) return;
    const isBack = this.#gone.has(id);
    const messages = link.twin.presence(id, isBack, this.world.wallMs);
    if (messages.length === 0) return;
    if (isBack) this.#gone.delete(id);
    this.#isQuiet = true;
    this.world.publish(link, messages);
    this.#isQuiet = false;
    if (!isBack) this.#gone.add(id);
    this.counts.died += isBack ? 0 : 1;
  }

  #behave(): void {
    const { without = [] } = this.#options;
    const unlike = [...without, this.#never];
    const some = HARMLESS.filter((manner) => !unlike.includes(manner) && this.#random() < 0.2);
    const garbled = this.#random() < 0.15 ? [this.#one(GARBLED)] : [];
    this.world.behave(this.#one(this.world.links), [...some, ...garbled]);
  }

  #gateway(): void {
    if (this.#random() < 0.5) {
      this.world.restartGateway();
      return;
    }
    this.world.deafen();
    this.world.core.run(this.#one([200, 20_000]));
    this.world.listen();
  }

  /** Nothing dead is shown as well, nor its doors as known. */
  #checkDead(when: string): void {
    if (this.#isQuiet) return;
    for (const { id } of this.#devices) {
      const isDead = this.#gone.has(id) || !this.world.linkOf(id).isUp;
      const document = this.world.core.devices.get(id);
      if (!isDead || document === undefined) continue;
      if (document.supervised === 'ok') this.#break(`${id} is dead and is shown ok, ${when}`);
      const door = this.world.core.published.get(`door/${id}/state`);
      if (door !== undefined && 'state' in door && door.state !== 'unknown') {
        this.#break(`${id} is dead and its door is shown ${door.state}, ${when}`);
      }
    }
  }

  /** What lives is not reported missing. */
  #checkAlive(): void {
    for (const { id } of this.#devices) {
      if (this.#gone.has(id) || !this.world.linkOf(id).isUp) continue;
      const supervised = this.world.core.devices.get(id)?.supervised;
      if (supervised === 'missing') this.#break(`${id} is alive and is shown missing`);
    }
  }

  #toldSoFar(): number {
    const counted = [...this.world.core.devices.values()].map(({ not_understood }) => not_understood);
    return this.world.core.told.length + counted.reduce((sum, count) => sum + count, 0);
  }

  #break(what: string): void {
    this.broken.push(`${(this.world.core.clock.nowMs / 1000).toFixed(1)} ${what}`);
  }

  #one<T>(all: readonly T[]): T {
    return all[randomBelow(this.#random, all.length)] as T;
  }
}
