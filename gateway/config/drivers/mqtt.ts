import * as z from 'zod';
import { overlaps } from '../../../protocol/mqtt-topic-filter.ts';
import type { MqttDevice, MqttDevicesSettings, MqttSource } from '../../inputs/mqtt-devices/settings.ts';
import type { BrokerAccess } from '../broker-access.ts';
import { checkExternalBroker } from '../check-mqtt.ts';
import { byPlace, deviceSchema, pressKinds, pressPattern } from '../device-schema.ts';
import { expected, filePath, mapping, text, whole } from '../fields.ts';
import { withoutKeys } from '../mistake.ts';
import { EXTERNAL_BROKER, userName } from '../mqtt-schema.ts';
import { GATEWAY_TOPICS, TOPIC_PATTERN } from '../topics.ts';
import type { View } from '../view.ts';
import { type DriverConfig, listed, type Means, required } from './driver-config.ts';
import { driverName, inputId } from './input-fields.ts';
import { sparseHeartbeat } from './sparse-heartbeat.ts';

const input = mapping(
  {
    id: inputId,
    driver: driverName('mqtt', 'Buttons and sensors that speak MQTT: Zigbee2MQTT, Shelly, ESPHome.'),
    broker: text(
      EXTERNAL_BROKER,
      'mqtts://host:8883 (a user name goes into username:, its password into keys.yaml)',
      'Broker the devices speak to; default: the one of mqtt:.',
    ).optional(),
    username: userName('Who the gateway is at that broker; the password stands in keys.yaml under mqtt:.').optional(),
    ca: filePath("PEM file of the authority that signed that broker's certificate.").optional(),
  },
  '{ id: mqtt-1, driver: mqtt }',
);

const topic = text(
  TOPIC_PATTERN,
  'a whole topic without + and #, such as zigbee2mqtt/room-201',
  'Topic of the messages, without wildcards.',
);

const member = expected('the name of the JSON member, inner ones after dots, such as action or button.event');

const path = z
  .union(
    [
      z
        .string()
        .regex(/^[^.]+(\.[^.]+)*$/, member)
        .transform((written) => written.split('.')),
      z.array(z.string(member).min(1, member), member),
    ],
    member,
  )
  .describe(
    'Member of the JSON payload, inner ones after dots; a list where names have dots. Default: the payload itself.',
  )
  .default([]);

const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** `false` in YAML is no text, but what a device says is compared as text. */
function words(example: string, about: string) {
  const error = expected(`what the device says then, in quotes, such as "${example}", or a list of such texts`);
  return z.union([word.transform((one) => [one]), z.array(word, error).min(1, error)], error).describe(about);
}

const source = { topic: topic.optional(), path };

const pressWords = expected('what the device says for each way of pressing, such as { single: single, hold: long }');

const press = z
  .record(z.string(), pressPattern, pressWords)
  .refine((says) => Object.keys(says).length > 0, pressWords)
  .describe('What the device says, as text, for each way of pressing; anything else is no press.');

const own = {
  device: {
    topic: topic.optional().describe("Topic of the device's messages; a button, point or battery may name another."),
    availability: mapping(
      {
        topic,
        path,
        online: words('online', 'Texts that mean that the device is there.').default(['online']),
        offline: words('offline', 'Texts that mean that it is away.').default(['offline']),
      },
      '{ topic: zigbee2mqtt/room-201/availability, path: state }',
    )
      .describe('Where the broker is told whether the device is there.')
      .optional(),
    battery: mapping(
      { ...source, lowPercent: whole(1, 100, 15, 'Below this the battery is low.').default(15) },
      '{ path: battery, lowPercent: 15 }',
    )
      .describe('Where the charge stands, percent.')
      .optional(),
    heartbeatSeconds: sparseHeartbeat(
      'The device says something at least this often; 0, the default: not known. With availability it is supervised without.',
    ),
  },
  button: { ...byPlace, ...pressKinds, ...source, press },
  point: {
    ...byPlace,
    ...source,
    active: words('true', 'Texts that mean open, not bolted, tampered with.'),
    normal: words('false', 'Texts that mean closed, bolted, untouched.'),
  },
};
const device = deviceSchema(own);

type Device = z.output<typeof device>;

export const mqtt: DriverConfig<z.output<typeof input>, Device, never, MqttDevicesSettings> = {
  input,
  device,
  own,
  check(view, { devices }, site) {
    checkBroker(view, site.mqtt);
    for (const each of devices) {
      checkTopics(each);
      checkWords(each);
      if (!view.has('broker')) checkPublishers(each, site.mqtt);
    }
    const unwatched = devices.filter((each) => !each.has('availability') && !each.has('heartbeatSeconds'));
    if (unwatched.length > 0) {
      const names = listed(unwatched.map((each) => each.text('id') ?? '?'));
      const hint = 'write availability: { topic: … } or heartbeatSeconds: 3600; or heartbeatSeconds: 0 to accept it';
      view.warn('id', `nobody notices when ${names} can't be reached`, hint);
    }
  },
  hasKey: () => false,
  facts: (_, { heartbeatSeconds, availability }) => ({
    heartbeatSeconds: heartbeatSeconds ?? 0,
    watched: availability !== undefined,
  }),
  settings: (written, devices, _, means) => ({
    driver: written.driver,
    id: written.id,
    ...brokerOf(written, means),
    devices: devices.map(mqttDevice),
  }),
};

function brokerOf({ id, broker, username }: z.output<typeof input>, { keys, pem, broker: usual }: Means): BrokerAccess {
  if (broker === undefined) return usual;
  const ca = pem.inputCas.get(id);
  const password = username === undefined ? undefined : required(keys.mqtt.get(username), `password of ${username}`);
  return {
    url: broker,
    ...(username === undefined || password === undefined ? {} : { username, password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function mqttDevice({ id, topic: usual, buttons, points, availability, battery }: Device): MqttDevice {
  const from = ({ topic, path }: { topic?: string | undefined; path: string[] }): MqttSource => {
    return { topic: required(topic ?? usual, `topic of device ${id}`), path };
  };
  return {
    device: id,
    buttons: buttons.map((button) => ({ number: button.number, ...from(button), press: button.press })),
    points: points.map((point) => {
      return { number: point.number, ...from(point), active: point.active, normal: point.normal };
    }),
    ...(availability === undefined ? {} : { availability }),
    ...(battery === undefined ? {} : { battery: { ...from(battery), lowPercent: battery.lowPercent } }),
  };
}

function checkBroker(input: View, local: View): void {
  const broker = input.text('broker');
  if (broker !== undefined) {
    checkExternalBroker(input, broker);
    return;
  }
  if (input.has('broker')) return;
  for (const key of ['username', 'ca']) {
    if (input.has(key))
      input.wrongName(key, `${key} belongs to a broker of the devices' own`, 'write broker: mqtts://…, or remove it');
  }
  const embedded = !local.has('broker') || local.text('broker') === 'embedded';
  if (embedded && /:0+$/.test(local.text('listen') ?? ''))
    input.wrong('id', `${input.text('id')} can't find a broker that listens at port 0`, 'write listen: 127.0.0.1:1883');
}

interface Source {
  readonly view: View;
  readonly what: string;
}

function sourcesOf(device: View): Source[] {
  return [
    ...device.list('buttons').map((view) => ({ view, what: `button ${view.text('id')}` })),
    ...device.list('points').map((view) => ({ view, what: `point ${view.text('id')}` })),
    ...(device.has('battery') ? [{ view: device.child('battery'), what: 'battery' }] : []),
  ];
}

function checkTopics(device: View): void {
  const sources = sourcesOf(device);
  for (const view of [device, device.child('availability'), ...sources.map((each) => each.view)]) {
    if (overlaps(view.text('topic') ?? '', GATEWAY_TOPICS)) {
      const message = `the gateway says what stands under ${GATEWAY_TOPICS} itself`;
      view.wrong('topic', message, "write the device's own topic, such as zigbee2mqtt/room-201");
    }
  }
  const lost = sources.find(({ view }) => !view.has('topic'));
  if (device.has('topic') || lost === undefined) return;
  const message = `topic is missing: ${device.text('id')} has none for its ${lost.what}`;
  device.wrong('id', message, 'write topic: followed by the topic of its messages, such as zigbee2mqtt/room-201');
}

function checkWords(device: View): void {
  const availability = device.child('availability');
  for (const [view, one, other] of [
    ...device.list('points').map((point) => [point, 'active', 'normal'] as const),
    ...(device.has('availability') ? [[availability, 'online', 'offline'] as const] : []),
  ]) {
    const both = saidBy(view, one).find((said) => saidBy(view, other).includes(said));
    if (both !== undefined)
      view.wrong(other, `${one} and ${other} are the same text`, `write what the device says when it is ${other}`);
  }
}

function saidBy(view: View, key: string): string[] {
  const items = view.items(key);
  const said = [wordAt(view, key), ...items.keys().map((place) => wordAt(items, place))];
  return said.filter((text) => text !== undefined);
}

function wordAt(view: View, key: string): string | undefined {
  return view.text(key) ?? view.flag(key)?.toString();
}

/** Whoever publishes the device's messages must be known to the embedded broker. */
function checkPublishers(device: View, local: View): void {
  if (local.has('broker') && local.text('broker') !== 'embedded') return;
  const filters = local.list('clients').flatMap((client) => {
    const topics = client.items('topics');
    return client.text('role') === 'device' ? topics.keys().map((place) => topics.text(place) ?? '') : [];
  });
  const availability = device.child('availability');
  for (const view of [device, ...sourcesOf(device).map((each) => each.view), availability]) {
    const topic = view.text('topic');
    if (topic === undefined || filters.some((filter) => overlaps(filter, topic))) continue;
    const [first = ''] = withoutKeys(topic).split('/');
    const hint = `add under mqtt: clients: - { name: ${nameFrom(first)}, role: device, topics: ["${first}/#"] }`;
    view.warn('topic', `no client of the broker may publish to ${topic}`, hint);
    return;
  }
}

function nameFrom(level: string): string {
  const name = level.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');
  return /^[a-z0-9]/.test(name) ? name.slice(0, 32) : 'devices';
}
