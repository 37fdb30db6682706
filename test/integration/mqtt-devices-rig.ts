import type { BrokerLogin } from '../../device-sim/mqtt/mqtt-client.ts';
import type { SignalBody } from '../../gateway/core/signal.ts';
import type { InputDriver } from '../../gateway/inputs/input-driver.ts';
import type { BrokerTimes } from '../../gateway/inputs/mqtt-devices/broker-connection.ts';
import { createMqttDevicesDriver } from '../../gateway/inputs/mqtt-devices/driver.ts';
import type { MqttDevicesSettings } from '../../gateway/inputs/mqtt-devices/settings.ts';
import type { MqttClient as Account, EmbeddedBroker } from '../../gateway/mqtt/settings.ts';
import { embedded, OPERATOR, VIEWER, World } from './mqtt-harness.ts';
import { RecordingSink } from './support/recording-sink.ts';

const TOPICS = ['zigbee2mqtt/#', 'shellies/#', 'desk-node/#', 'plain/#'];

export const BRIDGE: Account = { name: 'bridge', password: 'bridge-Pa55', role: 'device', topics: TOPICS };
export const READER: Account = { name: 'reader', password: 'reader-Pa55', role: 'reader', topics: TOPICS };
export const ACCOUNTS: readonly Account[] = [VIEWER, OPERATOR, BRIDGE, READER];

export const QUICK: BrokerTimes = { retryMs: 20, retryMsMax: 100, answerMs: 2_000, startingMs: 0, refusedMs: 50 };

/** A room's Zigbee button and door, a Shelly button, an ESPHome button. */
export const DEVICES: MqttDevicesSettings['devices'] = [
  {
    device: 'z-201',
    buttons: [
      { number: 1, topic: 'zigbee2mqtt/room-201', path: ['action'], press: { single: 'single', long: 'long' } },
    ],
    points: [{ number: 0, topic: 'zigbee2mqtt/room-201', path: ['contact'], active: ['false'], normal: ['true'] }],
    battery: { topic: 'zigbee2mqtt/room-201', path: ['battery'], lowPercent: 15 },
    availability: [
      {
        topic: 'zigbee2mqtt/room-201/availability',
        path: ['state'],
        online: ['online'],
        offline: ['offline'],
      },
    ],
  },
  {
    device: 'shelly-1',
    buttons: [
      {
        number: 1,
        topic: 'shellies/one/input_event/0',
        path: ['event'],
        press: { S: 'single', SS: 'double', L: 'long' },
      },
    ],
    points: [],
    battery: { topic: 'shellies/one/sensor/battery', path: [], lowPercent: 20 },
    availability: [{ topic: 'shellies/one/online', path: [], online: ['true'], offline: ['false'] }],
  },
  {
    device: 'desk-1',
    buttons: [
      {
        number: 1,
        topic: 'desk-node/binary_sensor/panic/state',
        path: [],
        press: { ON: 'single' },
        release: ['OFF'],
        carries: 'state',
      },
    ],
    points: [],
    availability: [{ topic: 'desk-node/status', path: [], online: ['online'], offline: ['offline'] }],
  },
];

/** The gateway's own broker, with the driver as its reader. */
export class DeviceRig {
  world: World;
  readonly sink = new RecordingSink();
  readonly driver: InputDriver;
  readonly port: number;
  readonly url: string;
  /** Another driver with the same settings and sink. */
  readonly again: () => InputDriver;

  private constructor(world: World, change: Partial<MqttDevicesSettings>, times: BrokerTimes, url: string) {
    this.world = world;
    this.port = world.port;
    this.url = url;
    const settings = {
      driver: 'mqtt',
      id: 'mqtt-1',
      url,
      username: READER.name,
      password: READER.password,
      devices: DEVICES,
      outputs: [],
      ...change,
    } as const;
    this.again = () => createMqttDevicesDriver(settings, this.sink, {}, times);
    this.driver = this.again();
  }

  /** Makes a listening broker. The driver is not started yet. */
  static async open(
    change: Partial<MqttDevicesSettings> = {},
    times = QUICK,
    broker: Partial<EmbeddedBroker> = {},
  ): Promise<DeviceRig> {
    const world = await new World(embedded({ clients: ACCOUNTS, ...broker })).up();
    return new DeviceRig(
      world,
      change,
      times,
      `${broker.tls === undefined ? 'mqtt' : 'mqtts'}://${broker.host ?? '127.0.0.1'}:${world.port}`,
    );
  }

  static async up(change: Partial<MqttDevicesSettings> = {}): Promise<DeviceRig> {
    const rig = await DeviceRig.open(change);
    await rig.start();
    return rig;
  }

  get login(): BrokerLogin {
    return { url: this.url, username: BRIDGE.name, password: BRIDGE.password };
  }

  async start(): Promise<void> {
    this.driver.start();
    await this.sink.until('the driver to be up', () => this.sink.states.at(-1) === 'up');
  }

  /** Stops the broker, which loses its retained messages. */
  async stopBroker(): Promise<void> {
    await this.world.stop();
  }

  async startBroker(broker: Partial<EmbeddedBroker> = {}): Promise<void> {
    this.world = await new World(embedded({ clients: ACCOUNTS, port: this.port, ...broker })).up();
  }

  said(device: string): SignalBody[] {
    return this.sink.signals.filter((signal) => signal.device === device).map(({ body }) => body);
  }

  /**
   * What buttons said live and is no release. Which of it is a new press is for the core to say.
   */
  presses(device: string): string[] {
    const live = this.sink.signals.filter((signal) => signal.device === device && signal.kept === undefined);
    return live.flatMap(({ body }) => pressesIn(body));
  }

  async until(what: string, met: () => boolean): Promise<void> {
    await this.sink.until(what, met);
  }

  async close(): Promise<void> {
    await this.driver.stop();
    await this.world.stop();
  }
}

export function pressesIn(body: SignalBody): string[] {
  const buttons = body.type === 'readings' ? (body.buttons ?? []) : [];
  return buttons.flatMap(({ button, means }) => (means === 'release' ? [] : [`${button} ${means}`]));
}
