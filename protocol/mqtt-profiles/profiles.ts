import { ESPHOME } from './esphome.ts';
import type { MqttProfile } from './profile.ts';
import { SHELLY_BLU_GATEWAY } from './shelly-blu-gateway.ts';
import { SHELLY_GEN1 } from './shelly-gen1.ts';
import { SHELLY_GEN2 } from './shelly-gen2.ts';
import { TASMOTA } from './tasmota.ts';
import { ZIGBEE2MQTT } from './zigbee2mqtt.ts';

const PROFILES = {
  'shelly-gen1': SHELLY_GEN1,
  'shelly-gen2': SHELLY_GEN2,
  'shelly-blu-gateway': SHELLY_BLU_GATEWAY,
  zigbee2mqtt: ZIGBEE2MQTT,
  tasmota: TASMOTA,
  esphome: ESPHOME,
} as const satisfies Readonly<Record<string, MqttProfile>>;

type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as [ProfileName, ...ProfileName[]];

export function profileNamed(name: unknown): MqttProfile | undefined {
  return typeof name === 'string' && Object.hasOwn(PROFILES, name) ? PROFILES[name as ProfileName] : undefined;
}
