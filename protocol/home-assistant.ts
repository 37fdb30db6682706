import type { DeviceDocument, DoorDocument, PathDocument } from './mqtt-documents.ts';
import { type MqttMessage, OVERVIEW, topicRoot, topicSegment } from './mqtt-topics.ts';

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
 * Returns the configurations for one device: its presses, and for the administrator reachability,
 * battery, tamper and its points. What a device has never said of itself is not announced: it would
 * be unknown for ever.
 */
export function deviceDiscovery(prefix: string, gateway: string, device: DeviceDocument): readonly MqttMessage[] {
  const place = { prefix, gateway };
  const topic = `${topicRoot(gateway)}/dev/${topicSegment(device.device)}`;
  const id = word(device.device);
  const about = {
    identifiers: [`${node(gateway)}_${id}`],
    name: device.room_name,
    serial_number: device.device,
    manufacturer: 'Callpoint',
    suggested_area: device.room_name,
    via_device: node(gateway),
  };
  const sensor = (what: string, name: string, deviceClass: string, template: string): MqttMessage =>
    config(place, 'binary_sensor', `${id}_${what}`, {
      name,
      device_class: deviceClass,
      entity_category: 'diagnostic',
      state_topic: `${topic}/state`,
      value_template: template,
      device: about,
    });
  const buttons = Object.keys(device.buttons);
  return [
    ...buttons.map((button) => {
      const [object, name] =
        buttons.length === 1 ? ['button', 'Button'] : [`button_${word(button)}`, `Button ${button}`];
      return config(place, 'event', `${id}_${object}`, {
        name,
        device_class: 'button',
        state_topic: `${topic}/event`,
        event_types: ['press', 'release'],
        value_template: pressTemplate(button, device),
        device: about,
      });
    }),
    sensor('reachable', 'Reachable', 'connectivity', choice('value_json.supervised', { ok: 'ON', missing: 'OFF' })),
    ...(device.tamper === null ? [] : [sensor('tamper', 'Tamper', 'tamper', yesNo('value_json.tamper'))]),
    ...(saysBattery(device) ? [sensor('battery', 'Battery', 'battery', yesNo('value_json.low_battery'))] : []),
    ...Object.entries(device.points).flatMap(([point, { type }]) => {
      const look = POINT_LOOKS[type];
      if (look === undefined) return [];
      const value = `value_json.points[${JSON.stringify(point)}].state`;
      const template = choice(value, { [look.on]: 'ON', [look.off]: 'OFF' });
      return [sensor(`point_${word(point)}`, point, look.deviceClass, template)];
    }),
  ];
}

/**
 * What older versions announced of such a device, and what must not stay: a retained message would.
 */
export function staleDiscovery(prefix: string, gateway: string, device: DeviceDocument): readonly MqttMessage[] {
  const buttons = Object.keys(device.buttons).length;
  const stale = [
    ...(buttons === 1 ? [] : [['event', 'button'] as const]),
    // A wired contact says nothing of a cover, and never will.
    ...(device.wires_supervised !== null && device.tamper === null ? [['binary_sensor', 'tamper'] as const] : []),
  ];
  return stale.map(([component, what]) => {
    const object = `${word(device.device)}_${what}`;
    return { topic: `${prefix}/${component}/${node(gateway)}/${object}/config`, payload: '', retain: true };
  });
}

export function saysBattery({ battery_mv, low_battery }: DeviceDocument): boolean {
  return battery_mv !== null || low_battery !== null;
}

/** An event of another button becomes an empty text, which Home Assistant ignores. */
function pressTemplate(button: string, { room_name, floor_name, building_name }: DeviceDocument): string {
  const said = ['button', 'pattern', 'kind', 'kind_name', 'mode', 'text', 'alert', 'event_id'];
  const fields = ["'event_type': value_json.type", ...said.map((field) => `'${field}': value_json.get('${field}')`)];
  const place = { room: room_name, floor: floor_name, building: building_name };
  for (const [name, value] of Object.entries(place)) fields.push(`'${name}': ${literal(value)}`);
  return `{% if value_json.button == ${literal(button)} %}{{ {${fields.join(', ')}} | tojson }}{% endif %}`;
}

/** Describes a path to a receiver as a connectivity sensor of the gateway itself. */
export function pathDiscovery(prefix: string, gateway: string, path: PathDocument): readonly MqttMessage[] {
  return [
    config({ prefix, gateway }, 'binary_sensor', `path_${word(path.path)}`, {
      name: `Path ${path.path}`,
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      state_topic: `${topicRoot(gateway)}/link/${topicSegment(path.path)}/status`,
      value_template: choice('value_json.state', { up: 'ON', down: 'OFF' }),
      device: gatewayDevice(gateway),
    }),
  ];
}

/**
 * A door that is only closed may be unlocked: its state is unknown, and the attributes say closed.
 */
export function doorDiscovery(prefix: string, gateway: string, door: DoorDocument): readonly MqttMessage[] {
  const topic = `${topicRoot(gateway)}/door/${topicSegment(door.door)}/state`;
  const on = { open: 'ON', closedUnlocked: 'ON', forced: 'ON', heldOpen: 'ON' };
  return [
    config({ prefix, gateway }, 'binary_sensor', `door_${word(door.door)}`, {
      name: null,
      device_class: 'lock',
      state_topic: topic,
      value_template: choice('value_json.state', { secured: 'OFF', ...on }),
      json_attributes_topic: topic,
      device: {
        identifiers: [`${node(gateway)}_door_${word(door.door)}`],
        name: `${door.name} door`,
        serial_number: door.door,
        manufacturer: 'Callpoint',
        suggested_area: door.name,
        via_device: node(gateway),
      },
    }),
  ];
}

/** The entities of the whole site: what a person wants to see first, and automations act on. */
export function siteDiscovery(prefix: string, gateway: string): readonly MqttMessage[] {
  const root = topicRoot(gateway);
  const entity = (
    component: string,
    object: string,
    fields: SiteEntity,
    topic = `${root}/${OVERVIEW}`,
  ): MqttMessage => {
    const { name, deviceClass, template, attributes } = fields;
    return config({ prefix, gateway }, component, object, {
      name,
      ...(deviceClass === undefined ? {} : { device_class: deviceClass }),
      state_topic: topic,
      value_template: template,
      json_attributes_topic: topic,
      json_attributes_template: `{{ ${attributes} | tojson }}`,
      device: gatewayDevice(gateway),
    });
  };
  const walkTest = `${root}/walk-test`;
  const walk = "{'tester': value_json.get('tester'), 'scope': value_json.scope, 'counts': value_json.counts}";
  return [
    entity('binary_sensor', 'alert', {
      name: 'Alert',
      deviceClass: 'safety',
      template: onIf('value_json.alerts.live > 0'),
      attributes: 'dict(value_json.alert or {}, alerts=value_json.alerts.live)',
    }),
    entity('binary_sensor', 'not_confirmed', {
      name: 'Alert not confirmed',
      deviceClass: 'problem',
      template: onIf('value_json.alerts.not_confirmed > 0'),
      attributes: "{'alerts': value_json.alerts.not_confirmed}",
    }),
    entity('binary_sensor', 'drill', {
      name: 'Drill',
      deviceClass: 'running',
      template: onIf('value_json.drills > 0'),
      attributes: 'dict(value_json.drill or {}, alerts=value_json.alerts.drill, last_alert=value_json.exercise)',
    }),
    entity('binary_sensor', 'trouble', {
      name: 'Trouble',
      deviceClass: 'problem',
      template: onIf('value_json.troubles.count > 0'),
      attributes: 'dict(value_json.troubles.worst or {}, count=value_json.troubles.count)',
    }),
    entity('binary_sensor', 'doors', {
      name: 'All doors',
      deviceClass: 'lock',
      template: `{{ {true: 'OFF', false: 'ON'}.get(value_json.doors.secured, 'None') }}`,
      attributes: 'value_json.doors',
    }),
    entity('binary_sensor', 'batteries', {
      name: 'Batteries',
      deviceClass: 'battery',
      template: onIf('value_json.low_batteries | length > 0'),
      attributes: "{'low': value_json.low_batteries}",
    }),
    entity('sensor', 'canary', {
      name: 'Last canary',
      deviceClass: 'timestamp',
      template: '{{ value_json.canary.last_at }}',
      attributes: "{'failed': value_json.canary.failed}",
    }),
    entity(
      'binary_sensor',
      'walk_test',
      { name: 'Walk test', deviceClass: 'running', template: onIf("value_json.state == 'running'"), attributes: walk },
      walkTest,
    ),
    entity(
      'sensor',
      'last_walk_test',
      {
        name: 'Last walk test',
        deviceClass: 'timestamp',
        template: "{{ value_json.get('started_at') }}",
        attributes: walk,
      },
      walkTest,
    ),
  ];
}

interface SiteEntity {
  readonly name: string;
  readonly deviceClass?: string;
  readonly template: string;
  /** Expression of a mapping. */
  readonly attributes: string;
}

function gatewayDevice(gateway: string): Fields {
  return { identifiers: [node(gateway)], name: `Callpoint ${gateway}`, manufacturer: 'Callpoint' };
}

function onIf(condition: string): string {
  return `{{ 'ON' if ${condition} else 'OFF' }}`;
}

/** A text inside a template. No name can end it, or begin another expression. */
function literal(text: string): string {
  const escaped = text.replace(/[^\p{L}\p{N} .,:()/_-]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `'${escaped}'`;
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
