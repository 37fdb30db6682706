import { type BrokerLogin, DeviceClient } from './mqtt-client.ts';

const KEPT = { qos: 1, retain: true } as const;

/** The state of a Zigbee device. Zigbee2MQTT publishes all of it in each message. */
interface ZigbeeState {
  battery: number;
  linkquality: number;
  contact?: boolean;
}

/**
 * A bridge that publishes as Zigbee2MQTT does
 * (https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html). It publishes a device's
 * state as one JSON object at QoS 0. An action is in one message and no longer in the next.
 * Availability is retained.
 */
export class ZigbeeBridge {
  readonly #client: DeviceClient;
  readonly #base: string;
  readonly #states = new Map<string, ZigbeeState>();
  readonly #available = new Map<string, boolean>();

  private constructor(client: DeviceClient, base: string) {
    this.#client = client;
    this.#base = base;
    client.onReconnect(() => this.#announce());
  }

  static async connect(login: BrokerLogin, base = 'zigbee2mqtt'): Promise<ZigbeeBridge> {
    const state = `${base}/bridge/state`;
    const client = await DeviceClient.connect(login, { topic: state, payload: JSON.stringify({ state: 'offline' }) });
    const bridge = new ZigbeeBridge(client, base);
    await bridge.#announce();
    return bridge;
  }

  /** @param action as listed on the device's page at Zigbee2MQTT: `single`, `double`, `long`, … */
  async press(device: string, action = 'single'): Promise<void> {
    await this.#publish(device, { ...this.#state(device), action });
    await this.#publish(device, { ...this.#state(device), action: '' });
  }

  /** Publishes like a bridge whose device is configured with `retain: true`. */
  async pressRetained(device: string, action = 'single'): Promise<void> {
    await this.#publish(device, { ...this.#state(device), action }, true);
  }

  /** Sets a magnetic contact. `true` is closed. */
  async contact(device: string, closed: boolean, retain = false): Promise<void> {
    this.#state(device).contact = closed;
    await this.#publish(device, this.#state(device), retain);
  }

  async battery(device: string, percent: number): Promise<void> {
    this.#state(device).battery = percent;
    await this.#publish(device, this.#state(device));
  }

  async availability(device: string, online: boolean): Promise<void> {
    this.#available.set(device, online);
    const payload = JSON.stringify({ state: online ? 'online' : 'offline' });
    await this.#client.publish(`${this.#base}/${device}/availability`, payload, KEPT);
  }

  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  async lose(): Promise<void> {
    await this.#client.lose();
  }

  async #announce(): Promise<void> {
    await this.#client.publish(`${this.#base}/bridge/state`, JSON.stringify({ state: 'online' }), KEPT);
    for (const [device, online] of this.#available) await this.availability(device, online);
  }

  #state(device: string): ZigbeeState {
    const known = this.#states.get(device) ?? { battery: 100, linkquality: 120 };
    this.#states.set(device, known);
    return known;
  }

  async #publish(device: string, state: object, retain = false): Promise<void> {
    await this.#client.publish(`${this.#base}/${device}`, JSON.stringify(state), { qos: 0, retain });
  }
}

const SHELLY_EVENTS = { single: 'S', double: 'SS', triple: 'SSS', long: 'L' } as const;

/**
 * A Shelly Button1 (https://shelly-api-docs.shelly.cloud/gen1/#shelly-button1-mqtt). It publishes
 * events with a count and everything else as plain text.
 */
export class ShellyButton {
  readonly #client: DeviceClient;
  readonly #base: string;
  #count = 0;

  private constructor(client: DeviceClient, base: string) {
    this.#client = client;
    this.#base = base;
  }

  /** @param id for example `shellybutton1-A8032A` */
  static async connect(login: BrokerLogin, id: string): Promise<ShellyButton> {
    const base = `shellies/${id}`;
    const client = await DeviceClient.connect(login, { topic: `${base}/online`, payload: 'false' });
    await client.publish(`${base}/online`, 'true', KEPT);
    return new ShellyButton(client, base);
  }

  async press(how: keyof typeof SHELLY_EVENTS = 'single'): Promise<void> {
    this.#count += 1;
    const event = { event: SHELLY_EVENTS[how], event_cnt: this.#count };
    await this.#client.publish(`${this.#base}/input_event/0`, JSON.stringify(event), { qos: 1 });
  }

  async battery(percent: number): Promise<void> {
    await this.#client.publish(`${this.#base}/sensor/battery`, String(percent), { qos: 1 });
  }

  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  /** Removes the batteries. */
  async lose(): Promise<void> {
    await this.#client.lose();
  }
}

/**
 * A button at an ESPHome node (https://esphome.io/components/mqtt). It publishes its state as plain
 * text, which ESPHome retains by default.
 */
export class EspHomeButton {
  readonly #client: DeviceClient;
  readonly #node: string;
  readonly #button: string;

  private constructor(client: DeviceClient, node: string, button: string) {
    this.#client = client;
    this.#node = node;
    this.#button = button;
  }

  static async connect(login: BrokerLogin, node: string, button: string): Promise<EspHomeButton> {
    const client = await DeviceClient.connect(login, { topic: `${node}/status`, payload: 'offline' });
    await client.publish(`${node}/status`, 'online', KEPT);
    return new EspHomeButton(client, node, button);
  }

  async press(): Promise<void> {
    await this.hold();
    await this.#say('OFF');
  }

  /** Presses the button and holds it. */
  async hold(): Promise<void> {
    await this.#say('ON');
  }

  async disconnect(): Promise<void> {
    await this.#client.disconnect();
  }

  async lose(): Promise<void> {
    await this.#client.lose();
  }

  async #say(state: 'ON' | 'OFF'): Promise<void> {
    await this.#client.publish(`${this.#node}/binary_sensor/${this.#button}/state`, state, { qos: 0, retain: true });
  }
}
