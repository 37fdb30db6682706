import { fields } from './json-fields.ts';

/** One button or door contact that a message shows. */
export interface Sighting {
  /** Absent: of no family that is known; `topic` is then where it speaks. */
  readonly profile?: string;
  /** As `topic:` of site.yaml. */
  readonly topic: string;
  readonly address?: string;
  readonly component?: string;
  readonly offers: 'button' | 'doorContact';
  /** As `channel:` of site.yaml. */
  readonly channel?: string;
  readonly name?: string;
  readonly model?: string;
  readonly batteryPercent?: number;
  /** The message is a press, unless the broker had kept it. */
  readonly isPress?: boolean;
  /** What it says again and again. A change of it is a movement. */
  readonly state?: string;
}

/** Zigbee2MQTT lists no more devices than a network can have, and a list is read in one go. */
const DEVICES_MAX = 1000;
const ACTIONS_MAX = 64;
const TEXT_LENGTH_MAX = 120;
/** Words that say how a key was pressed: `double_press` is of no key that is called double. */
const HOW = 'single|double|triple|quadruple|many|hold|long|short|initial|press|release|click';
const HOW_ONLY = new RegExp(`^(?:${HOW})$`);
const KEY_AND_HOW = new RegExp(`^(?:(?:button_)?([A-Za-z0-9]+)_)?(?:${HOW})(?:_(?:button_)?([A-Za-z0-9]+))?$`);

/**
 * `<base>/bridge/devices`: a retained array of `{"friendly_name":…,"definition":{"model":…,
 * "vendor":…,"exposes":[{"property":"action","values":["single",…]}]}}` (zigbee2mqtt.io, "MQTT
 * topics and messages").
 */
export function bridgeSightings(base: string, json: unknown): readonly Sighting[] {
  if (!Array.isArray(json)) return [];
  return json.slice(0, DEVICES_MAX).flatMap((device: unknown): Sighting[] => {
    const { friendly_name: name, definition, type } = fields(device);
    if (typeof name !== 'string' || name === '' || type === 'Coordinator') return [];
    const { model, vendor, exposes } = fields(definition);
    const shown = Array.isArray(exposes) ? exposes.slice(0, ACTIONS_MAX).map(fields) : [];
    const action = shown.find(({ property }) => property === 'action');
    const contact = shown.some(({ property }) => property === 'contact');
    if (action === undefined && !contact) return [];
    const about = {
      profile: 'zigbee2mqtt',
      topic: `${base}/${name}`,
      name: textOf(name),
      ...(typeof model === 'string' ? { model: textOf(`${typeof vendor === 'string' ? vendor : ''} ${model}`) } : {}),
    };
    if (action === undefined) return [{ ...about, offers: 'doorContact' }];
    const { values } = action;
    const channels = channelsOf(values);
    if (channels.length === 0) return [{ ...about, offers: 'button' }];
    return channels.map((channel) => ({ ...about, offers: 'button', channel }));
  });
}

/** A device's own message: `{"action":"single","battery":100,"linkquality":120}`. */
export function zigbeeSighting(topic: string, json: unknown): readonly Sighting[] {
  const { action, contact, battery, linkquality } = fields(json);
  const about = {
    profile: 'zigbee2mqtt',
    topic,
    ...(typeof battery === 'number' ? { batteryPercent: battery } : {}),
  };
  if (typeof action === 'string' && action !== '') {
    const [channel] = channelsOf([action]);
    return [{ ...about, offers: 'button', isPress: true, ...(channel === undefined ? {} : { channel }) }];
  }
  if (typeof contact !== 'boolean' || typeof linkquality !== 'number') return [];
  return [{ ...about, offers: 'doorContact', state: String(contact) }];
}

/**
 * Home Assistant's discovery of a trigger or an event (`device_automation`, `event`), of whatever
 * family: it names the topic where a button speaks.
 */
export function homeAssistantSighting(json: unknown): readonly Sighting[] {
  const { device, dev, topic: whole, t, state_topic: stateTopic, stat_t: shortTopic } = fields(json);
  const { name } = fields(device ?? dev);
  const topic = whole ?? t ?? stateTopic ?? shortTopic;
  if (typeof topic !== 'string' || topic === '' || topic.startsWith('callpoint/')) return [];
  return [{ topic, offers: 'button', ...(typeof name === 'string' ? { name: textOf(name) } : {}) }];
}

function channelsOf(values: unknown): readonly string[] {
  if (!Array.isArray(values)) return [];
  const keys = values.slice(0, ACTIONS_MAX).flatMap((value: unknown) => {
    const [, before, behind] = (typeof value === 'string' ? KEY_AND_HOW.exec(value) : undefined) ?? [];
    const key = before ?? behind;
    return key === undefined || HOW_ONLY.test(key) ? [] : key;
  });
  return [...new Set(keys)];
}

function textOf(value: string): string {
  return value.trim().slice(0, TEXT_LENGTH_MAX);
}
