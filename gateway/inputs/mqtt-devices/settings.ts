import type { PeerCertificate } from 'node:tls';
import type { PressPattern } from '../../../protocol/press-pattern.ts';

/** Buttons, sensors, relays and sirens that speak MQTT already: Zigbee2MQTT, Shelly, ESPHome. */
export interface MqttDevicesSettings {
  readonly driver: 'mqtt';
  readonly id: string;
  /** `mqtt://127.0.0.1:1883`, `mqtts://host:8883`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /**
   * PEM text of the authority that signed the broker's certificate. The gateway renews it in place
   * when its file changes: read it anew for each connection.
   */
  readonly ca?: string;
  /** Is told what the broker showed, chain included. Not in a configuration. */
  readonly onPeerCertificate?: (leaf: PeerCertificate) => void;
  readonly devices: readonly MqttDevice[];
  readonly outputs: readonly MqttOutput[];
}

export interface MqttDevice {
  /** Device (configuration id). */
  readonly device: string;
  readonly buttons: readonly MqttButton[];
  readonly points: readonly MqttPoint[];
  /** The device is present if all of them say so; absent: nothing says whether it is. */
  readonly availability?: readonly MqttAvailability[];
  /** What says whether the device's bridge works. Devices with the same topic share the bridge. */
  readonly bridge?: MqttAvailability;
  readonly battery?: MqttBattery;
  /**
   * Where the time stands at which the bridge last heard the device: ISO 8601, or seconds or ms
   * since 1970.
   */
  readonly lastSeen?: MqttSource;
}

/** Where in which messages something stands. */
export interface MqttSource {
  /** Without wildcards. */
  readonly topic: string;
  /**
   * Members of the JSON payload that lead to an array. The message is read once for each of its
   * elements, and the other paths begin there. Absent: the payload is read once.
   */
  readonly each?: readonly string[];
  /** Members of the JSON payload, outermost first; empty: the payload itself, as text. */
  readonly path: readonly string[];
  /** All must hold, or the source is not in this message; absent: it always is. */
  readonly when?: readonly MqttCondition[];
}

export interface MqttCondition {
  readonly path: readonly string[];
  /** Texts, one of which the member must be. */
  readonly is: readonly string[];
}

export interface MqttButton extends MqttSource {
  readonly number: number;
  /** The member's value, as text, for each press pattern. */
  readonly press: Readonly<Record<string, PressPattern>>;
  /** Values that are no press. A value that stands neither here nor under `press` is reported. */
  readonly release?: readonly string[];
  /**
   * `events`: each message with a press is one, unless it is a repeat. `state`: only a change to
   * another value is, because the device publishes its state again at each connection.
   * Absent: `events`.
   */
  readonly carries?: 'events' | 'state';
  /** Member that numbers the events or dates them: the last one again marks a repeat. */
  readonly counter?: readonly string[];
  /**
   * Without a counter, an equal press within this many ms of the last one is a repeat; absent: 0.
   */
  readonly repeatsWithinMs?: number;
}

export interface MqttPoint extends MqttSource {
  readonly number: number;
  /**
   * Texts that mean active (door open, bolt not thrown, tampered) and normal; anything else is not
   * understood.
   */
  readonly active: readonly string[];
  readonly normal: readonly string[];
}

/** A relay, plug or siren that does what is published for it. */
export interface MqttOutput {
  /** Output (configuration id). */
  readonly id: string;
  /** Where it takes commands; without wildcards. */
  readonly topic: string;
  /** Payloads. */
  readonly on: string;
  readonly off: string;
  /** Availability topic of the device; absent: its presence is not reported. */
  readonly availability?: MqttAvailability;
}

export interface MqttAvailability extends MqttSource {
  readonly online: readonly string[];
  readonly offline: readonly string[];
}

export interface MqttBattery extends MqttSource {
  /** Below this the battery is low, percent. */
  readonly lowPercent: number;
  /** Texts that mean that it is low and that it is not, for devices that give no percentage. */
  readonly low?: readonly string[];
  readonly normal?: readonly string[];
}
