import type { MqttProfile } from './profile.ts';

/**
 * How a key was pressed. More presses than three are what a person in need may do. `initial_press`
 * comes when the key goes down, and the others of its kind after it (IKEA E2213).
 */
const PRESSES: Readonly<Record<string, string>> = {
  single: 'single',
  double: 'double',
  triple: 'triple',
  quadruple: 'triple',
  quintuple: 'triple',
  many: 'triple',
  hold: 'hold',
  long: 'long',
  press: 'single',
  click: 'single',
  initial_press: 'single',
  double_press: 'double',
  long_press: 'hold',
};
const ALARMS = { emergency: 'single', panic: 'single', sos: 'single' };
/**
 * What a key commands other devices to do. IKEA's buttons: one click, two clicks or the other half,
 * held.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  on: 'single',
  off: 'double',
  toggle: 'single',
  brightness_move_up: 'hold',
  brightness_move_down: 'hold',
};
const RELEASES = ['release', 'press_release', 'hold_release', 'short_release', 'long_release'];
const STOPS = ['brightness_stop', 'brightness_move_stop'];
/** Of a rocker, each half is a key, and this is what it says when it is held. */
const HALVES = new Map([
  ['on', 'brightness_move_up'],
  ['off', 'brightness_move_down'],
]);

/**
 * Zigbee buttons and door contacts by Zigbee2MQTT: `zigbee2mqtt/<name>` with
 * `{"action":"single","battery":100,"linkquality":120}`. The words are those of the device pages
 * (zigbee2mqtt.io, "Exposes: action"): Aqara WXKG11LM (single … many, hold, release), Sonoff
 * SNZB-01 (single, double, long), Tuya TS0041 (single, double, hold) and TS0215A_sos (emergency),
 * Third Reality 3RSB22BZ (single, double, hold, release), Heiman HS1RC (emergency), IKEA E1812 (on,
 * off, brightness_move_up, brightness_stop). Of a device with several keys the key stands before
 * the word (Tuya TS0044: `1_single`; Aqara WXCJKG11LM: `button_1_single`; Philips 324131092621:
 * `on_press`) or after it (Aqara WXKG02LM: `single_left`; Sonoff SNZB-01M: `single_button_1`;
 * `on_1`), or it is the word (`scene_1`).
 *
 * `<name>/availability` is `{"state":"online"}`; with the bridge's state (`bridge/state`) it says
 * whether a device can be heard.
 */
export const ZIGBEE2MQTT: MqttProfile = {
  example: 'zigbee2mqtt/room-201',
  // Its base topic, and its name.
  topicPattern: /^[^/]+\/./,
  device: ({ topic }) => ({
    availability: { topic: `${topic}/availability`, path: 'state' },
    bridge: { topic: `${topic.split('/')[0]}/bridge/state`, path: 'state' },
    battery: { topic, path: 'battery' },
    lastSeen: { topic, path: 'last_seen' },
  }),
  button: ({ topic }, channel) => ({
    topic,
    path: 'action',
    press: channel === undefined ? { ...PRESSES, ...ALARMS, ...COMMANDS } : pressesOf(channel),
    release: ['', ...(channel === undefined ? [...RELEASES, ...STOPS] : releasesOf(channel))],
  }),
  point: ({ topic }, type) => {
    if (type === 'doorContact') return { topic, path: 'contact', active: ['false'], normal: ['true'] };
    return type === 'tamper' ? { topic, path: 'tamper', active: ['true'], normal: ['false'] } : {};
  },
  channel: {
    pattern: /^[A-Za-z0-9_-]{1,32}$/,
    about: 'the key as the device names it: 1 of 1_single, left of single_left',
    required: false,
  },
};

function pressesOf(key: string): Readonly<Record<string, string>> {
  const held = HALVES.get(key);
  return {
    [key]: 'single',
    ...(held === undefined ? {} : { [held]: 'hold' }),
    ...Object.fromEntries(
      Object.entries(PRESSES).flatMap(([word, pattern]) => named(key, word).map((name) => [name, pattern] as const)),
    ),
    ...Object.fromEntries(Object.entries(COMMANDS).map(([word, pattern]) => [`${word}_${key}`, pattern] as const)),
  };
}

function releasesOf(key: string): readonly string[] {
  const stops = STOPS.flatMap((word) => [`${word}_${key}`, ...(HALVES.has(key) ? [word] : [])]);
  return [...RELEASES.flatMap((word) => named(key, word)), ...stops];
}

function named(key: string, word: string): readonly string[] {
  const plain = [`${key}_${word}`, `${word}_${key}`];
  return /^\d+$/.test(key) ? [...plain, `button_${key}_${word}`, `${word}_button_${key}`] : plain;
}
