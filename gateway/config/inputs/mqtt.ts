import * as z from 'zod';
import type {
  MqttButton,
  MqttDevice,
  MqttDevicesSettings,
  MqttOutput,
  MqttSource,
} from '../../inputs/mqtt-devices/settings.ts';
import type { BrokerAccess } from '../fields/broker-access.ts';
import { byPlace, deviceSchema, pressKinds, pressPattern } from '../fields/device-schema.ts';
import { choice, expected, filePath, mapping, number, text, whole } from '../fields/fields.ts';
import { EXTERNAL_BROKER, userName } from '../fields/mqtt-schema.ts';
import { outputSchema } from '../fields/output-schema.ts';
import { TOPIC_PATTERN } from '../fields/topics.ts';
import { listed, required } from '../fields/values.ts';
import {
  checkBroker,
  checkListeners,
  checkOutputs,
  checkPublishers,
  checkTopics,
  checkWords,
} from './check-mqtt-devices.ts';
import type { InputConfig, InputSources } from './input-config.ts';
import { driverName, inputId } from './input-fields.ts';
import { sparseHeartbeat } from './sparse-heartbeat.ts';

/** Bridges and weak links deliver one click up to four times within seconds. */
const QUIET_S = 3;
const RELEASE_WORDS = ['', 'null', 'release', 'OFF'];

const input = mapping(
  {
    id: inputId,
    driver: driverName('mqtt', 'Buttons, sensors, relays and sirens that use MQTT: Zigbee2MQTT, Shelly, ESPHome.'),
    broker: text(
      EXTERNAL_BROKER,
      'mqtts://host:8883 (a user name goes into username:, its password into keys.yaml)',
      'Broker of the devices; default: the one of mqtt:.',
    ).optional(),
    username: userName('User name of the gateway at that broker; the password is in keys.yaml under mqtt:.').optional(),
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

const MEMBER_PATH = /^[^.]+(\.[^.]+)*$/;

const memberPath = z.union(
  [
    z
      .string()
      .regex(MEMBER_PATH, member)
      .transform((written) => written.split('.')),
    z.array(z.string(member).min(1, member), member),
  ],
  member,
);

const path = memberPath
  .describe(
    'Member of the JSON payload, inner ones after dots; a list where names have dots. Default: the payload itself.',
  )
  .default([]);

const word = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** `false` in YAML is not a text, but device messages are compared as text. */
function words(example: string, about: string) {
  const error = expected(`what the device says then, in quotes, such as "${example}", or a list of such texts`);
  return z.union([word.transform((one) => [one]), z.array(word, error).min(1, error)], error).describe(about);
}

const conditions = expected('members and what they must be, such as { component: "input:0" }');

/** Written as a mapping of member paths to texts. */
const when = z
  .record(
    z.string().regex(MEMBER_PATH, member),
    words('input:0', 'Texts, one of which the member must be.'),
    conditions,
  )
  .refine((each) => Object.keys(each).length > 0, conditions)
  .transform((each) => Object.entries(each).map(([name, is]) => ({ path: name.split('.'), is })))
  .describe('Members that a message, or an element of each:, must have to be read; a mapping of paths to texts.')
  .default([]);

const source = {
  topic: topic.optional(),
  each: memberPath
    .describe(
      'Member that is an array: the message is read for each element, and path:, when: and counter: begin there.',
    )
    .optional(),
  path,
  when,
};

const pressWords = expected('what the device says for each way of pressing, such as { single: single, hold: long }');

const press = z
  .record(z.string(), pressPattern, pressWords)
  .refine((says) => Object.keys(says).length > 0, pressWords)
  .describe('Text that the device sends for each press pattern; any other text is not a press.');

const availability = mapping(
  {
    topic,
    path,
    when,
    online: words('online', 'Texts that mean that the device is present.').default(['online']),
    offline: words('offline', 'Texts that mean that it is away.').default(['offline']),
  },
  '{ topic: zigbee2mqtt/room-201/availability, path: state }',
);

const own = {
  device: {
    topic: topic.optional().describe("Topic of the device's messages; a button, point or battery may name another."),
    availability: z
      .union([availability.transform((one) => [one]), z.array(availability).min(1)])
      .describe('Topics that say whether the device is present: one, or a list of which all must say so.')
      .default([]),
    bridge: availability.describe("Topic that says whether the device's bridge works.").optional(),
    battery: mapping(
      {
        ...source,
        lowPercent: whole(1, 100, 15, 'Below this the battery is low.').default(15),
        low: words('true', 'Texts that mean low, for devices that give no percentage.').default(['true']),
        normal: words('false', 'Texts that mean not low.').default(['false']),
      },
      '{ path: battery, lowPercent: 15 }',
    )
      .describe('Where the charge is, in percent, or whether it is low.')
      .optional(),
    lastSeen: mapping(source, '{ path: last_seen }')
      .describe(
        'Where the time stands at which the bridge last heard the device: ISO 8601, or seconds or ms since 1970.',
      )
      .optional(),
    heartbeatSeconds: sparseHeartbeat(
      'The device sends at least this often; 0, the default: not known. With availability it is supervised without it.',
    ),
  },
  button: {
    ...byPlace,
    ...pressKinds,
    ...source,
    press,
    release: words('release', 'Texts that are no press.').default(RELEASE_WORDS),
    carries: choice(
      ['events', 'state'],
      'events: each message with a press is one, unless it is a repeat. state: only a change to it is.',
    ).default('events'),
    counter: memberPath.describe('Member that numbers or dates the events: the same one again is a repeat.').optional(),
    quietSeconds: number(
      0,
      60,
      QUIET_S,
      'Without counter:, an equal press within this time of the last one is a repeat of it.',
    ).default(QUIET_S),
  },
  point: {
    ...byPlace,
    ...source,
    active: words('true', 'Texts that mean open, not bolted, tampered with.'),
    normal: words('false', 'Texts that mean closed, bolted, untouched.'),
  },
};
const device = deviceSchema(own);

/** YAML reads `{"state":"ON"}` without quotes as a mapping. */
function payload(example: string, about: string) {
  const error = expected(`what is published then, in quotes, such as '${example}'`);
  const scalar = z.union([z.string(), z.number(), z.boolean()], error).transform(String);
  return scalar.pipe(z.string().min(1, error).max(1024, error)).describe(about);
}

const output = outputSchema(
  {
    topic: topic.describe('Topic that the device takes commands from.'),
    on: payload('{"state":"ON"}', 'What switches it on.'),
    off: payload('{"state":"OFF"}', 'What switches it off.'),
    availability: availability
      .describe('Topic that says whether the device is present. When the device comes back, it gets its state again.')
      .optional(),
  },
  `{ id: siren-1, input: mqtt-1, topic: zigbee2mqtt/siren/set, on: '{"state":"ON"}', off: '{"state":"OFF"}', type: relay, shows: alarm }`,
);

type WrittenSource = Pick<Device['buttons'][number], 'topic' | 'each' | 'path' | 'when'>;
type Device = z.output<typeof device>;
type Output = z.output<typeof output>;

export const mqtt: InputConfig<z.output<typeof input>, Device, Output, MqttDevicesSettings> = {
  input,
  device,
  own,
  output,
  check(view, { devices, outputs }, site) {
    checkBroker(view, site.mqtt);
    checkOutputs(outputs, devices);
    for (const each of devices) {
      checkTopics(each);
      checkWords(each);
      if (!view.has('broker')) checkPublishers(each, outputs, site.mqtt);
    }
    if (!view.has('broker')) for (const each of outputs) checkListeners(each, devices, site.mqtt);
    const unwatched = devices.filter((each) => !each.has('availability') && !each.has('heartbeatSeconds'));
    if (unwatched.length > 0) {
      const names = listed(unwatched.map((each) => each.text('id') ?? '?'));
      const hint = 'write availability: { topic: … } or heartbeatSeconds: 3600; or heartbeatSeconds: 0 to accept it';
      view.warn('id', `nobody notices when ${names} can't be reached`, hint);
    }
  },
  hasKey: () => false,
  traits: (_, { heartbeatSeconds, availability }) => ({
    heartbeatSeconds: heartbeatSeconds ?? 0,
    watched: availability.length > 0,
  }),
  settings: (written, devices, outputs, sources) => ({
    driver: written.driver,
    id: written.id,
    ...brokerOf(written, sources),
    devices: devices.map(mqttDevice),
    outputs: outputs.map(mqttOutput),
  }),
};

function brokerOf(
  { id, broker, username }: z.output<typeof input>,
  { keys, pem, broker: usual }: InputSources,
): BrokerAccess {
  if (broker === undefined) return usual;
  const ca = pem.inputCas.get(id);
  const password = username === undefined ? undefined : required(keys.mqtt.get(username), `password of ${username}`);
  return {
    url: broker,
    ...(username === undefined || password === undefined ? {} : { username, password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function mqttDevice({
  id,
  topic: usual,
  buttons,
  points,
  availability,
  bridge,
  battery,
  lastSeen,
}: Device): MqttDevice {
  const from = ({ topic, each, path, when }: WrittenSource): MqttSource => {
    const whole = required(topic ?? usual, `topic of device ${id}`);
    return { topic: whole, path, when, ...(each === undefined ? {} : { each }) };
  };
  return {
    device: id,
    buttons: buttons.map((button) => mqttButton(button, from(button))),
    points: points.map((point) => {
      return { number: point.number, ...from(point), active: point.active, normal: point.normal };
    }),
    availability,
    ...(bridge === undefined ? {} : { bridge }),
    ...(battery === undefined
      ? {}
      : { battery: { ...from(battery), lowPercent: battery.lowPercent, low: battery.low, normal: battery.normal } }),
    ...(lastSeen === undefined ? {} : { lastSeen: from(lastSeen) }),
  };
}

function mqttButton(
  { number, press, release, carries, counter, quietSeconds }: Device['buttons'][number],
  from: MqttSource,
): MqttButton {
  const repeats = { repeatsWithinMs: quietSeconds * 1000, ...(counter === undefined ? {} : { counter }) };
  return { number, ...from, press, release, carries, ...repeats };
}

function mqttOutput({ id, topic, on, off, availability }: Output): MqttOutput {
  return { id, topic, on, off, ...(availability === undefined ? {} : { availability }) };
}
