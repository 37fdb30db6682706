import type { DeviceDocument, PathDocument } from './mqtt-documents.ts';
import { type MqttMessage, topicRoot, topicSegment } from './mqtt-topics.ts';

/**
 * Home Assistant MQTT discovery: retained configurations on
 * `<prefix>/<component>/callpoint_<gateway>/<object>/config` that point at our own topics. An
 * unknown state is rendered as `None`, which Home Assistant shows as "unknown" (MQTT binary sensor,
 * `PAYLOAD_NONE`).
 */
interface Place {
  readonly prefix: string;
  readonly gateway: string;
}

type Fields = Readonly<Record<string, unknown>>;

interface PointLook {
  readonly deviceClass: string;
  /** Home Assistant's meaning of "on" and "off" for the device class. */
  readonly on: string;
  readonly off: string;
}

const POINT_LOOKS: Readonly<Record<string, PointLook>> = {
  doorContact: { deviceClass: 'door', on: 'open', off: 'closed' },
  bolt: { deviceClass: 'lock', on: 'unlocked', off: 'locked' },
  tamper: { deviceClass: 'tamper', on: 'tampered', off: 'ok' },
};

/**
 * Returns the configurations for one device: reachability, tamper, battery, its points, and its
 * presses.
 */
export function deviceDiscovery(prefix: string, gateway: string, device: DeviceDocument): readonly MqttMessage[] {
  const place = { prefix, gateway };
  const topic = `${topicRoot(gateway)}/dev/${topicSegment(device.device)}`;
  const about = {
    identifiers: [`${node(gateway)}_${word(device.device)}`],
    name: device.device,
    manufacturer: 'Callpoint',
    suggested_area: device.room,
    via_device: node(gateway),
  };
  const sensor = (what: string, name: string, deviceClass: string, template: string): MqttMessage =>
    config(place, 'binary_sensor', `${word(device.device)}_${what}`, {
      name,
      device_class: deviceClass,
      state_topic: `${topic}/state`,
      value_template: template,
      device: about,
    });
  const battery = device.battery_mv === null && device.low_battery === null;
  return [
    sensor('reachable', 'Reachable', 'connectivity', choice('value_json.supervised', { ok: 'ON', missing: 'OFF' })),
    sensor('tamper', 'Tamper', 'tamper', yesNo('value_json.tamper')),
    ...(battery ? [] : [sensor('battery', 'Battery', 'battery', yesNo('value_json.low_battery'))]),
    ...Object.entries(device.points).flatMap(([id, point]) => {
      const look = POINT_LOOKS[point.type];
      if (look === undefined) return [];
      const value = `value_json.points[${JSON.stringify(id)}].state`;
      const template = choice(value, { [look.on]: 'ON', [look.off]: 'OFF' });
      return [sensor(`point_${word(id)}`, id, look.deviceClass, template)];
    }),
    config(place, 'event', `${word(device.device)}_button`, {
      name: 'Button',
      device_class: 'button',
      state_topic: `${topic}/event`,
      event_types: ['press', 'release'],
      value_template:
        "{{ {'event_type': value_json.type, 'button': value_json.button, 'event_id': value_json.event_id} | tojson }}",
      device: about,
    }),
  ];
}

/** Describes a path to a receiver as a connectivity sensor of the gateway itself. */
export function pathDiscovery(prefix: string, gateway: string, path: PathDocument): readonly MqttMessage[] {
  return [
    config({ prefix, gateway }, 'binary_sensor', `path_${word(path.path)}`, {
      name: `Path ${path.path}`,
      device_class: 'connectivity',
      state_topic: `${topicRoot(gateway)}/link/${topicSegment(path.path)}/status`,
      value_template: choice('value_json.state', { up: 'ON', down: 'OFF' }),
      device: { identifiers: [node(gateway)], name: `Callpoint ${gateway}`, manufacturer: 'Callpoint' },
    }),
  ];
}

/**
 * Home Assistant publishes `online` here when it has started and wants every configuration again.
 */
export function homeAssistantStatusTopic(prefix: string): string {
  return `${prefix}/status`;
}

function config(place: Place, component: string, object: string, fields: Fields): MqttMessage {
  const status = `${topicRoot(place.gateway)}/status`;
  return {
    topic: `${place.prefix}/${component}/${node(place.gateway)}/${object}/config`,
    payload: JSON.stringify({
      unique_id: `${node(place.gateway)}_${object}`,
      ...fields,
      qos: 1,
      availability: [{ topic: status, value_template: "{{ 'online' if value_json.state == 'ready' else 'offline' }}" }],
      origin: { name: 'Callpoint' },
    }),
    retain: true,
  };
}

function choice(value: string, words: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(words).map(([from, to]) => `'${from}': '${to}'`);
  return `{{ {${pairs.join(', ')}}.get(${value}, 'None') }}`;
}

function yesNo(value: string): string {
  return `{{ {true: 'ON', false: 'OFF'}.get(${value}, 'None') }}`;
}

function node(gateway: string): string {
  return `callpoint_${word(gateway)}`;
}

/**
 * Writes an id with the only characters that Home Assistant accepts in discovery topics,
 * `[A-Za-z0-9_-]`. Others, and `_` itself, become `_<code>_`, so that two ids never become one.
 */
function word(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/gu, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`);
}
