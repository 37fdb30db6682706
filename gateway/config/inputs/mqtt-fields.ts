import * as z from 'zod';
import { PROFILE_NAMES } from '../../../protocol/mqtt-profiles/profiles.ts';
import { byPlace, defaultsSchema, deviceSchema, pressKinds, pressPattern } from '../fields/device-schema.ts';
import { choice, expected, filePath, mapping, number, text, whole } from '../fields/fields.ts';
import { EXTERNAL_BROKER, userName } from '../fields/mqtt-schema.ts';
import { outputSchema } from '../fields/output-schema.ts';
import { TOPIC_PATTERN } from '../fields/topics.ts';
import { driverName, inputId } from './input-fields.ts';
import { sparseHeartbeat } from './sparse-heartbeat.ts';

/** Bridges and weak links deliver one click up to four times within seconds. */
const QUIET_S = 3;
export const RELEASE_WORDS = ['', 'null', 'release', 'OFF'];

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

/** A Bluetooth address in both cases: some gateways write it in capitals, as labels do. */
export function spellings(text: string): readonly string[] {
  const isAddress = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);
  return isAddress ? [text.toLowerCase(), text.toUpperCase()] : [text];
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
  .transform((each) => Object.entries(each).map(([name, is]) => ({ path: name.split('.'), is: is.flatMap(spellings) })))
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
  .describe('Texts of a press, each with its pattern. Any other text is a notice, unless release: has it.');

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

const channel = text(
  /^[A-Za-z0-9_.-]{1,64}$/,
  'the key of the device, such as 0 or left',
  'Which key or input of the device, as its profile counts or names them.',
).optional();

export const own = {
  device: {
    profile: choice(
      PROFILE_NAMES,
      'What the device is. It fills in topics, paths, words and availability; whatever else is written outranks it.',
    ).optional(),
    topic: topic
      .optional()
      .describe(
        "Topic of the device's messages, or where its topics begin if it has a profile; a button, point or battery may name another.",
      ),
    address: text(
      /^[0-9A-Fa-f]{2}(?:[:-]?[0-9A-Fa-f]{2}){5}$/,
      'the Bluetooth address on the tag, such as b4:35:22:00:01:02',
      'Bluetooth address of a tag behind a gateway, for profile shelly-blu-gateway.',
    ).optional(),
    component: text(
      /^bthomedevice:\d{1,3}$/,
      'the name of the tag at its gateway, such as bthomedevice:200',
      "The gateway's own name for a tag, for profile shelly-blu-gateway.",
    ).optional(),
    availability: z
      .union([availability.transform((one) => [one]), z.array(availability)])
      .describe(
        'Topics that say whether the device is present: one, or a list of which all must say so; []: nothing says it.',
      )
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
    channel,
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
    channel,
    ...source,
    active: words('true', 'Texts that mean open, not bolted, tampered with.'),
    normal: words('false', 'Texts that mean closed, bolted, untouched.'),
  },
};
export const input = mapping(
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
    defaults: defaultsSchema(own),
  },
  '{ id: mqtt-1, driver: mqtt }',
);

export const device = deviceSchema(own);

/** YAML reads `{"state":"ON"}` without quotes as a mapping. */
function payload(example: string, about: string) {
  const error = expected(`what is published then, in quotes, such as '${example}'`);
  const scalar = z.union([z.string(), z.number(), z.boolean()], error).transform(String);
  return scalar.pipe(z.string().min(1, error).max(1024, error)).describe(about);
}

export const output = outputSchema(
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
