import { textOrEmpty } from '../scalar.ts';
import { fields } from './json-fields.ts';
import type { PROFILE_NAMES } from './profiles.ts';
import { PUSHES } from './shelly-gen2.ts';
import { bridgeSightings, homeAssistantSighting, type Sighting, zigbeeSighting } from './zigbee-sightings.ts';

type Profile = (typeof PROFILE_NAMES)[number];

/** More events than one message of a device has. */
const EVENTS_MAX = 100;

const GEN1_INPUT = /^(shellies\/[^/]+)\/input_event\/(\d)$/;
const GEN1_DOOR = /^(shellies\/[^/]+)\/sensor\/state$/;
const RPC = /^(.+)\/events\/rpc$/;
const TASMOTA_RESULT = /^stat\/([^/]+)\/RESULT$/;
const ESPHOME_STATE = /^(.+)\/binary_sensor\/([a-z0-9_-]{1,64})\/state$/;
const BRIDGE_DEVICES = /^([^/]+)\/bridge\/devices$/;
const AUTOMATION = /^[^/]+\/(device_automation|event)\/.+\/config$/;
const TWO_LEVELS = /^[^/]+\/[^/]+$/;

/**
 * The buttons and door contacts that a message shows, by the families that profiles describe. Its
 * content is a stranger's: whatever it holds, this returns a list.
 */
export function sightingsIn(topic: string, payload: string): readonly Sighting[] {
  const [, gen1, channel = ''] = GEN1_INPUT.exec(topic) ?? [];
  if (gen1 !== undefined) return gen1Input(gen1, channel, payload);
  const [, door] = GEN1_DOOR.exec(topic) ?? [];
  if (door !== undefined) return [of('shelly-gen1', door, { offers: 'doorContact', state: payload.slice(0, 16) })];
  const [, prefix, object = ''] = ESPHOME_STATE.exec(topic) ?? [];
  if (prefix !== undefined && (payload === 'ON' || payload === 'OFF')) {
    return [of('esphome', prefix, { offers: 'button', channel: object, state: payload, isPress: payload === 'ON' })];
  }
  const json = parsed(payload);
  if (json === undefined) return [];
  const [, rpc] = RPC.exec(topic) ?? [];
  if (rpc !== undefined) return events(json).flatMap((event) => shellyEvent(rpc, event) ?? []);
  const [, tasmota] = TASMOTA_RESULT.exec(topic) ?? [];
  if (tasmota !== undefined) return tasmotaKeys(tasmota, json);
  const [, base] = BRIDGE_DEVICES.exec(topic) ?? [];
  if (base !== undefined) return bridgeSightings(base, json);
  if (AUTOMATION.test(topic)) return homeAssistantSighting(json);
  return TWO_LEVELS.test(topic) ? zigbeeSighting(topic, json) : [];
}

function of(profile: Profile, topic: string, more: Omit<Sighting, 'profile' | 'topic'>): Sighting {
  return { profile, topic, ...more };
}

function gen1Input(topic: string, channel: string, payload: string): Sighting[] {
  const { event, event_cnt } = fields(parsed(payload));
  if (typeof event !== 'string') return [];
  // It is published again every 30 s, with the same number.
  const state = `${event.slice(0, 8)} ${textOrEmpty(event_cnt).slice(0, 16)}`;
  return [of('shelly-gen1', topic, { offers: 'button', channel, isPress: event !== '', state })];
}

function shellyEvent(topic: string, event: Readonly<Record<string, unknown>>): Sighting | undefined {
  const { component, event: what, idx, data } = event;
  if (typeof component !== 'string' || typeof what !== 'string') return undefined;
  if (what === 'shelly-blu') return shellyTag(topic, fields(data));
  const isPush = Object.hasOwn(PUSHES, what) || what.startsWith('long_') || what === 'hold_press';
  const [, input] = /^input:(\d{1,3})$/.exec(component) ?? [];
  if (input !== undefined) {
    return isPush || what === 'btn_down'
      ? of('shelly-gen2', topic, { offers: 'button', channel: input, isPress: true })
      : undefined;
  }
  if (!/^bthomedevice:\d{1,4}$/.test(component) || !isPush) return undefined;
  const channel = typeof idx === 'number' ? { channel: String(idx) } : {};
  return of('shelly-blu-gateway', topic, { offers: 'button', component, ...channel, isPress: true });
}

function shellyTag(topic: string, data: Readonly<Record<string, unknown>>): Sighting | undefined {
  const { address, battery, button, window } = data;
  if (typeof address !== 'string' || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(address)) return undefined;
  const keys = Array.isArray(button) ? button : [button];
  const pressed = keys.findIndex((key) => typeof key === 'number' && key !== 0);
  return of('shelly-blu-gateway', topic, {
    address: address.toLowerCase(),
    offers: window === undefined ? 'button' : 'doorContact',
    ...(window === undefined ? {} : { state: textOrEmpty(window).slice(0, 8) }),
    ...(Array.isArray(button) && pressed >= 0 ? { channel: String(pressed) } : {}),
    ...(typeof battery === 'number' ? { batteryPercent: battery } : {}),
    isPress: pressed >= 0,
  });
}

function tasmotaKeys(topic: string, json: unknown): Sighting[] {
  return Object.entries(fields(json)).flatMap(([name, value]) => {
    const [, channel] = /^Button([1-9]\d?)$/.exec(name) ?? [];
    const { Action: action } = fields(value);
    if (channel === undefined || typeof action !== 'string') return [];
    return [of('tasmota', topic, { offers: 'button', channel, isPress: action !== 'CLEAR' })];
  });
}

function events(json: unknown): readonly Readonly<Record<string, unknown>>[] {
  const { params } = fields(json);
  const { events: list } = fields(params);
  return Array.isArray(list) ? list.slice(0, EVENTS_MAX).map(fields) : [];
}

function parsed(payload: string): unknown {
  if (!/^\s*[[{]/.test(payload)) return undefined;
  try {
    return JSON.parse(payload);
  } catch {
    return undefined; // no message of these families
  }
}
