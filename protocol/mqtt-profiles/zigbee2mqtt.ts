import type { MqttProfile } from './profile.ts';

/** What a device with one key says. More presses than three are what a person in need may do. */
const PRESSES: Readonly<Record<string, string>> = {
  single: 'single',
  double: 'double',
  triple: 'triple',
  quadruple: 'triple',
  many: 'triple',
  hold: 'hold',
  long: 'long',
  press: 'single',
  emergency: 'single',
  panic: 'single',
  sos: 'single',
};
/** IKEA's buttons: one click, two clicks or the other half, held. */
const ROCKER = { on: 'single', off: 'double', brightness_move_up: 'hold', brightness_move_down: 'hold' };
const RELEASES = ['', 'release', 'brightness_stop'];

/**
 * Zigbee buttons and door contacts by Zigbee2MQTT: `zigbee2mqtt/<name>` with
 * `{"action":"single","battery":100,"linkquality":120}`. The words are those of the device pages
 * (zigbee2mqtt.io, "Exposes: action"): Aqara WXKG11LM (single … many, hold, release), Sonoff
 * SNZB-01 (single, double, long), Tuya TS0041 (single, double, hold) and TS0215A_sos (emergency),
 * Third Reality 3RSB22BZ (single, double, hold, release), Heiman HS1RC (emergency), IKEA E1812 (on,
 * off, brightness_move_up, brightness_stop). Of a device with several keys the key stands before
 * the word (Tuya TS0044: `1_single`; `button_1_single`) or after it (Aqara WXKG02LM: `single_left`;
 * `single_switch_1`).
 *
 * `<name>/availability` is `{"state":"online"}`; with the bridge's state (`bridge/state`) it says
 * whether a device can be heard.
 */
export const ZIGBEE2MQTT: MqttProfile = {
  example: 'zigbee2mqtt/room-201',
  device: ({ topic }) => ({
    availability: { topic: `${topic}/availability`, path: 'state' },
    bridge: { topic: `${topic.split('/')[0]}/bridge/state`, path: 'state' },
    battery: { topic, path: 'battery' },
    lastSeen: { topic, path: 'last_seen' },
  }),
  button: ({ topic }, channel) => ({
    topic,
    path: 'action',
    press: channel === undefined ? { ...PRESSES, ...ROCKER } : ofKey(channel),
    release: channel === undefined ? RELEASES : ['', ...[...RELEASES.slice(1), 'hold_release'].flatMap(named(channel))],
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

function ofKey(channel: string): Readonly<Record<string, string>> {
  const presses = Object.entries(PRESSES).flatMap(([word, pattern]) =>
    named(channel)(word).map((name) => [name, pattern] as const),
  );
  return Object.fromEntries(presses);
}

function named(channel: string): (word: string) => readonly string[] {
  return (word) => [`${channel}_${word}`, `button_${channel}_${word}`, `${word}_${channel}`];
}
