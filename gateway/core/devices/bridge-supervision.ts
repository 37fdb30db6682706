import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { LinkState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import type { BridgeState, Signal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import { MissingTogether } from './missing-together.ts';

/** The broker keeps a bridge's state, and repeats it to each new connection at once. */
const HEARD_WITHIN_MS = 120_000;
/**
 * Zigbee2MQTT publishes its own state when it has connected, then starts its extensions, which
 * publish availabilities, and then publishes the cached state of each device. Hundreds of devices
 * take some seconds.
 */
const CACHED_MS = 30_000;
/**
 * A bridge that says "online" again after this time may have started anew: the broker may publish
 * its will late or never. One that says so more often does it for another reason.
 */
const SAME_START_MS = 600_000;

/** One for all devices of an input that name the same bridge. */
export function bridgeId({ input, bridge }: Pick<Device, 'input'> & { readonly bridge: string }): string {
  return `${input}.${bridge}`;
}

/**
 * A program or box between the gateway and its devices, as its own topic reports it. While it is
 * down nothing is known of its devices. That is one trouble, not one for each device.
 */
export class BridgeSupervision {
  readonly #id: string;
  readonly #topic: string;
  #devices: readonly DeviceSupervision[];
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #missing: MissingTogether;
  readonly #changed: () => void;
  #state: LinkState = 'unknown';
  #startedMs = LONG_AGO_MS;
  /** It was awaited in vain: nothing has come by its topic. */
  #isSilent = false;
  /** One of its devices was heard since its input came up. */
  #devicesHeard = false;

  constructor(
    { input, bridge }: { readonly input: string; readonly bridge: string },
    devices: readonly DeviceSupervision[],
    context: Context,
    troubles: Troubles,
    changed: () => void = () => {},
  ) {
    this.#id = bridgeId({ input, bridge });
    this.#topic = bridge;
    this.#devices = devices;
    this.#context = context;
    this.#troubles = troubles;
    this.#changed = changed;
    this.#missing = new MissingTogether(this.#id, bridge, troubles);
    for (const device of devices) device.missing.join(this.#missing);
  }

  /** A reload has changed which devices are behind it. */
  adopt(devices: readonly DeviceSupervision[]): void {
    const { now } = this.#context;
    const before = new Set(this.#devices);
    for (const { device } of this.#devices.filter((each) => !devices.includes(each))) this.#missing.found(device.id);
    this.#devices = devices;
    for (const each of devices) {
      if (before.has(each)) continue;
      each.missing.join(this.#missing);
      if (this.#state === 'up') each.bridgeUp(now.monoMs, true);
    }
  }

  get bridge(): { readonly topic: string; readonly state: LinkState } {
    return { topic: this.#topic, state: this.#state };
  }

  /** When it came up last, as far as is known. */
  get upMs(): MonoMs {
    return this.#startedMs;
  }

  /** It says so itself. */
  get isAway(): boolean {
    return this.#state === 'down' && !this.#isSilent;
  }

  /** Its state may already be heard when its input comes up. */
  inputChanged(up: boolean): void {
    const { timers, now } = this.#context;
    const due = { type: 'bridgeDue', bridge: this.#id } as const;
    if (!up) {
      this.#devicesHeard = false;
      timers.clear(due);
      this.#lost('unknown');
    } else if (this.#state === 'unknown') timers.set(due, after(now.monoMs, HEARD_WITHIN_MS));
  }

  heard({ says, word, kept }: BridgeState): void {
    this.#context.timers.clear({ type: 'bridgeDue', bridge: this.#id });
    this.#isSilent = false;
    if (says === 'online') this.#online(kept === true);
    else this.#down(says === 'offline' ? `says ${word}` : `says ${word}, which is not understood`);
  }

  /** It has said nothing since its input came up. */
  due(): void {
    this.#isSilent = true;
    this.#down(`has said nothing for ${HEARD_WITHIN_MS / 1000} s (is the topic right?)`);
  }

  /** One of its devices has sent something, or its availability has. */
  deviceHeard({ kept, body }: Pick<Signal, 'kept' | 'body'>): void {
    if (body.type === 'availability') this.#availabilityHeard();
    if (kept === true || this.#devicesHeard) return;
    this.#devicesHeard = true;
    if (this.#isSilent) this.due();
  }

  /**
   * One of its devices was not heard in time. If it says nothing of the availability of any, that
   * has one cause, and is one trouble.
   *
   * @returns false if the device is a trouble of its own, as one is that heartbeats supervise
   */
  reportAvailabilityOff({ dependsOnAvailability }: DeviceSupervision): boolean {
    const { length } = this.#byAvailability;
    if (!dependsOnAvailability) return false;
    if (length < 2 || !this.#byAvailability.every(({ isUnheard }) => isUnheard)) return false;
    const said = {
      text: `${this.#topic}: nothing is said of the availability of ${length} devices, so their loss would not be noticed`,
      detail: 'set availability: { enabled: true } in Zigbee2MQTT, or correct the topics of availability:',
    };
    this.#troubles.raiseOrReword('availabilityOff', this.#id, said);
    return true;
  }

  /** The time is over in which the states of devices may come from its cache. */
  cacheOver(): void {
    for (const device of this.#devices) device.weighAvailability();
    this.#missing.startEnded();
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    if (this.#state === 'up') this.#troubles.restore('bridgeDown', this.#id);
    this.#availabilityHeard();
  }

  /** From now on each device that stays unheard is a trouble of its own. */
  #availabilityHeard(): void {
    if (!this.#troubles.stands('availabilityOff', this.#id) || this.#byAvailability.every(({ isUnheard }) => isUnheard))
      return;
    this.#troubles.restore('availabilityOff', this.#id);
    for (const device of this.#byAvailability) if (device.isUnheard) device.awaitSign();
  }

  /** Those whose loss nothing else would report. */
  get #byAvailability(): readonly DeviceSupervision[] {
    return this.#devices.filter(({ dependsOnAvailability }) => dependsOnAvailability);
  }

  #online(kept: boolean): void {
    const { timers, now } = this.#context;
    const wasUp = this.#state === 'up';
    if (wasUp && (kept || now.monoMs - this.#startedMs < SAME_START_MS)) return;
    this.#become('up');
    this.#startedMs = now.monoMs;
    const untilMs = after(now.monoMs, CACHED_MS);
    timers.set({ type: 'bridgeCached', bridge: this.#id }, untilMs);
    this.#missing.started();
    for (const device of this.#devices) device.bridgeUp(untilMs, kept);
    if (wasUp) return;
    this.#context.log('info', 'bridge.up', { bridge: this.#id });
    this.#troubles.restore('bridgeDown', this.#id);
  }

  #down(why: string): void {
    this.#lost('down');
    const { length } = this.#devices;
    const devices = length === 1 ? 'its device is' : `its ${length} devices are`;
    const hint = 'check that the bridge runs, and that its radio is plugged in';
    const isMisnamed = this.#isSilent && this.#devicesHeard;
    const then = isMisnamed ? 'a loss of its devices is not noticed' : `${devices} not heard`;
    const todo = isMisnamed ? 'its devices are heard, so correct its topic' : hint;
    const said = { text: `Bridge down: ${this.#topic}; ${then}`, detail: `it ${why}: ${todo}` };
    this.#troubles.raiseOrReword('bridgeDown', this.#id, said);
  }

  #lost(state: 'unknown' | 'down'): void {
    const wasUp = this.#state === 'up';
    if (state === 'down' && this.#state !== 'down') this.#context.log('warn', 'bridge.down', { bridge: this.#id });
    this.#become(state);
    this.#context.timers.clear({ type: 'bridgeCached', bridge: this.#id });
    if (wasUp) for (const device of this.#devices) device.bridgeLost();
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#changed();
  }
}
