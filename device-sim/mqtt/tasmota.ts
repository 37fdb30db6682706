import { message, partOf, type Twin, type TwinDevice, type TwinMessage, type TwinPress } from './twin.ts';

const ACTIONS = { single: 'SINGLE', double: 'DOUBLE', long: 'HOLD' } as const;
/** `TelePeriod`, whose default is 300 s. */
const TELEMETRY_MS = 300_000;

/**
 * A device with Tasmota (https://tasmota.github.io/docs/MQTT/). A button that is detached from
 * relays (`SetOption73 1`) publishes actions as RESULT. A switch (`SetOption114 1`) does so when it
 * changes, and telemetry says its state again every 300 s. Nothing is numbered.
 */
export class Tasmota implements Twin {
  readonly againMs = TELEMETRY_MS;
  readonly #topic: string;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  readonly #switches = new Map<string, boolean>();

  /** @param topic for example `tasmota_204` */
  constructor(topic: string, devices: readonly TwinDevice[]) {
    this.#topic = topic;
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    for (const { points } of devices) for (const { channel = '1' } of points) this.#switches.set(channel, false);
  }

  get will(): TwinMessage {
    return message('availability', `tele/${this.#topic}/LWT`, 'Offline', { retain: true });
  }

  connected(wallMs: number, isStart: boolean): readonly TwinMessage[] {
    const online = message('availability', `tele/${this.#topic}/LWT`, 'Online', { retain: true });
    if (!isStart) return [online];
    const info = { Info1: { Module: 'Generic', Version: '14.4.1(tasmota)', FallbackTopic: 'cmnd/DVES_AABBCC_fb/' } };
    return [online, message('other', `tele/${this.#topic}/INFO1`, info), ...this.again(wallMs)];
  }

  press(device: string, button: string, how: TwinPress, _: number, word?: string): readonly TwinMessage[] {
    const { channel = '1' } = partOf(this.#devices.get(device), button);
    const action = { [`Button${channel}`]: { Action: word ?? ACTIONS[how] } };
    return [message('event', `stat/${this.#topic}/RESULT`, action)];
  }

  release(): readonly TwinMessage[] {
    return [];
  }

  point(device: string, point: string, active: boolean, wallMs: number): readonly TwinMessage[] {
    const { channel = '1' } = partOf(this.#devices.get(device), point);
    this.#switches.set(channel, active);
    const action = { [`Switch${channel}`]: { Action: active ? 'ON' : 'OFF' } };
    return [message('state', `stat/${this.#topic}/RESULT`, action), this.#sensor(wallMs)];
  }

  /** Tasmota runs on mains. */
  battery(): readonly TwinMessage[] {
    return [];
  }

  presence(): readonly TwinMessage[] {
    return [];
  }

  again(wallMs: number): readonly TwinMessage[] {
    const Wifi = { AP: 1, SSId: 'school', RSSI: 74, Signal: -63 };
    const state = { Time: timeText(wallMs), Uptime: '0T03:15:43', POWER: 'OFF', Wifi };
    const telemetry = message('state', `tele/${this.#topic}/STATE`, state);
    return this.#switches.size === 0 ? [telemetry] : [telemetry, this.#sensor(wallMs)];
  }

  #sensor(wallMs: number): TwinMessage {
    const switches = [...this.#switches].map(([channel, isOn]) => [`Switch${channel}`, isOn ? 'ON' : 'OFF'] as const);
    return message('state', `tele/${this.#topic}/SENSOR`, { Time: timeText(wallMs), ...Object.fromEntries(switches) });
  }
}

/** Local time without a zone, here that of UTC. */
function timeText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19);
}
