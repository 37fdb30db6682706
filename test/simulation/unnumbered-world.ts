import type { ButtonReading, Signal } from '../../gateway/core/signal.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const QUIET_MS = 3_000;
const SITE = site([device(101, { heartbeatMs: 0, watched: true })], [path('central')]);

/** The core, and one button on a wire that numbers nothing. The gateway has run for a while. */
export class UnnumberedWorld {
  readonly #world = new SensorWorld(SITE);

  constructor() {
    this.#world.run(300_000);
  }

  get alerts(): number {
    return this.#world.raised.length;
  }

  get ids(): readonly string[] {
    return this.#world.raised.map(({ id }) => id);
  }

  /** Notices about the button, as text. */
  get told(): readonly string[] {
    return this.#world.told.filter((text) => !text.startsWith('Device missing') && !text.startsWith('Input'));
  }

  /** What the administrator was told besides. */
  get details(): readonly string[] {
    return this.#world.details;
  }

  /** Journal records so far, without checkpoints. */
  get written(): number {
    return this.#world.written;
  }

  get nowMs(): number {
    return this.#world.clock.nowMs;
  }

  run(ms: number): void {
    this.#world.run(ms);
  }

  restart(how: 'stop' | 'crash'): void {
    if (how === 'stop') this.#world.give({ type: 'stopping' });
    this.#world.run(how === 'stop' ? 10 : 0);
    this.#world.crash();
    this.#world.start();
  }

  stop(): void {
    this.#world.run(10);
    this.#world.crash();
  }

  start(): void {
    this.#world.start();
  }

  get isRunning(): boolean {
    return this.#world.isRunning;
  }

  lose(what: 'input' | 'device'): void {
    if (what === 'device') this.#world.say('wb-101', { type: 'availability', of: 0, says: 'offline' });
    else this.#world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'gone' } });
  }

  find(what: 'input' | 'device'): void {
    if (what === 'device') this.#world.say('wb-101', { type: 'availability', of: 0, says: 'online' });
    else this.#world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: '' } });
  }

  counted(mark: string, means: ButtonReading['means'] = 'single', value = 'S', retained = false): void {
    this.say({ means, value, repeats: { by: 'mark', mark } }, retained);
  }

  uncounted(means: ButtonReading['means']): void {
    this.say({ means, value: means, repeats: { by: 'time', withinMs: QUIET_MS } });
  }

  state(value: string, retained = false): void {
    this.say({ means: value === 'ON' ? 'single' : 'release', value, repeats: { by: 'state' } }, retained);
  }

  toggle(value: string): void {
    this.say({ means: 'single', value, repeats: { by: 'state' } });
  }

  reading(changes: Partial<ButtonReading>): ButtonReading {
    return { button: 0, means: 'single', value: 'S', member: 'event', repeats: { by: 'state' }, ...changes };
  }

  say(changes: Partial<ButtonReading>, retained = false): void {
    this.sayAll([this.reading(changes)], retained);
  }

  sayAll(buttons: readonly ButtonReading[], retained = false): void {
    const how: Partial<Signal> = retained ? { kept: true } : {};
    this.#world.readings('wb-101', { buttons }, how);
  }
}
