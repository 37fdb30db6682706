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
  readonly availability?: MqttAvailability;
  readonly battery?: MqttBattery;
}

/** Where in which messages something stands. */
export interface MqttSource {
  /** Without wildcards. */
  readonly topic: string;
  /** Members of the JSON payload, outermost first; empty: the payload itself, as text. */
  readonly path: readonly string[];
}

interface MqttButton extends MqttSource {
  readonly number: number;
  /** The member's value, as text, for each press pattern; any other value is no press. */
  readonly press: Readonly<Record<string, PressPattern>>;
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
}
