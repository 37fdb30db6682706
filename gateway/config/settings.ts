import type { Site } from '../core/site.ts';
import type { BleSettings } from '../inputs/ble/settings.ts';
import type { ButtonBusSettings } from '../inputs/button-bus/settings.ts';
import type { FirmataSettings } from '../inputs/firmata/settings.ts';
import type { GpioSettings } from '../inputs/gpio/settings.ts';
import type { ModbusSettings } from '../inputs/modbus/settings.ts';
import type { MqttDevicesSettings } from '../inputs/mqtt-devices/settings.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { MqttSettings } from '../mqtt/settings.ts';
import type { Dc09Settings } from '../paths/dc09/settings.ts';

/** Everything the composition root needs: the site for the core, and each edge's own settings. */
export interface GatewaySettings {
  readonly site: Site;
  readonly inputs: readonly InputSettings[];
  readonly paths: readonly PathSettings[];
  readonly mqtt: MqttSettings;
  readonly journal: JournalSettings;
}

export type InputSettings =
  | ButtonBusSettings
  | GpioSettings
  | FirmataSettings
  | BleSettings
  | ModbusSettings
  | MqttDevicesSettings;
export type PathSettings = Dc09Settings;
