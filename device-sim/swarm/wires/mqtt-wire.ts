import { BridgeMessages } from '../../../gateway/inputs/mqtt-devices/bridge-messages.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttDevice, MqttDevicesSettings } from '../../../gateway/inputs/mqtt-devices/settings.ts';
import type { TwinDevice, TwinMessage } from '../../mqtt/twin.ts';
import { Zigbee2Mqtt } from '../../mqtt/zigbee2mqtt.ts';
import type { GatewayEnd, Wire, WireEvent } from '../world/wire.ts';
import type { AirDeps } from './air.ts';

const BASE = 'zigbee2mqtt';
const NETWORK_MS_MAX = 30;
const LOW_PERCENT = 3;
/** Equal messages so close together are one press (gateway/config/inputs/check-mqtt-repeats.ts). */
const APART_MS = 5_000;

interface MqttWireDeps extends AirDeps {
  readonly devices: readonly MqttDevice[];
}

/** A broker, Zigbee2MQTT with its devices, and what the gateway's driver reads of its messages. */
export class MqttWire implements Wire {
  readonly id: string;
  readonly #deps: MqttWireDeps;
  readonly #twin: Zigbee2Mqtt;
  readonly #devices: ReadonlyMap<string, TwinDevice>;
  readonly #retained = new Map<string, string>();
  readonly #pressedMs = new Map<string, number>();
  #isBridgeUp = false;
  #gateway: GatewayEnd | undefined;
  #messages: DeviceMessages | undefined;
  #bridges: BridgeMessages | undefined;

  constructor(id: string, deps: MqttWireDeps) {
    this.id = id;
    this.#deps = deps;
    const devices = deps.devices.map((device): TwinDevice => {
      const topic = device.buttons[0]?.topic ?? device.points[0]?.topic ?? '';
      return { id: device.device, name: topic.slice(BASE.length + 1), buttons: [{ id: 'action' }], points: [] };
    });
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    this.#twin = new Zigbee2Mqtt(BASE, devices);
  }

  has(device: string): boolean {
    return this.#devices.has(device);
  }

  powerUp(): void {
    this.#isBridgeUp = true;
    this.#publish(this.#twin.connected(this.#deps.clock.now.wallMs, true));
  }

  open(gateway: GatewayEnd): void {
    const { devices } = gateway.settings as MqttDevicesSettings;
    this.#gateway = gateway;
    this.#messages = new DeviceMessages(devices);
    this.#bridges = new BridgeMessages(devices);
    gateway.sink.health({ input: this.id, state: 'up', detail: 'connected' });
    for (const [topic, payload] of this.#retained) this.#hear(topic, payload, true);
  }

  close(): void {
    this.#messages = undefined;
  }

  event(event: WireEvent): void {
    const { clock, observe } = this.#deps;
    const { wallMs } = clock.now;
    switch (event.do) {
      case 'press': {
        if (!this.#isBridgeUp) break;
        const { device, pattern } = event;
        const isApart = clock.nowMs - (this.#pressedMs.get(device) ?? Number.NEGATIVE_INFINITY) > APART_MS;
        this.#pressedMs.set(device, clock.nowMs);
        const sure = isApart && this.#messages !== undefined;
        observe({ type: 'pressed', device, button: event.button, sure });
        observe({ type: 'released', device, button: event.button });
        this.#publish(this.#twin.press(device, 'action', pattern === 'triple' ? 'double' : pattern, wallMs));
        break;
      }
      case 'battery':
        this.#publish(this.#twin.battery(event.device, LOW_PERCENT, wallMs));
        clock.after(event.forMs, () => this.#publish(this.#twin.battery(event.device, 100, clock.now.wallMs)));
        break;
      case 'dies':
        this.#publish(this.#twin.presence(event.device, false));
        clock.after(event.forMs, () => this.#publish(this.#twin.presence(event.device, true)));
        break;
      case 'weather':
        if (event.loss === 1) this.#loseBridge(event.forMs);
        break;
    }
  }

  /** The bridge's connection is lost: the broker publishes its will. */
  #loseBridge(forMs: number): void {
    const { clock } = this.#deps;
    if (!this.#isBridgeUp) return;
    this.#isBridgeUp = false;
    const { topic, payload } = this.#twin.will;
    this.#retained.set(topic, payload);
    this.#hear(topic, payload, false);
    clock.after(forMs, () => {
      this.#isBridgeUp = true;
      this.#publish(this.#twin.connected(clock.now.wallMs, false));
    });
  }

  #publish(messages: readonly TwinMessage[]): void {
    const { clock, streams, name } = this.#deps;
    const random = streams.of(`broker ${name}`);
    for (const { topic, payload, retain, afterMs } of messages) {
      const delayMs = afterMs + random() * NETWORK_MS_MAX;
      clock.after(delayMs, () => {
        if (!this.#isBridgeUp) return;
        if (retain) this.#retained.set(topic, payload);
        this.#hear(topic, payload, false);
      });
    }
  }

  /** As the driver does. */
  #hear(topic: string, payload: string, isKept: boolean): void {
    const { clock, toGateway } = this.#deps;
    toGateway(() => {
      const [messages, gateway] = [this.#messages, this.#gateway];
      if (messages === undefined || gateway === undefined) return;
      const kept = isKept ? ({ kept: true } as const) : {};
      const bridge = this.#bridges?.read(topic, payload);
      if (bridge !== undefined) gateway.sink.bridge({ input: this.id, ...bridge, ...kept });
      for (const said of messages.read(topic, payload, isKept) ?? []) {
        gateway.sink.signal({ input: this.id, authenticated: false, capturedMs: clock.nowMs, ...said, ...kept });
      }
    });
  }
}
