import { type MqttProfile, TRUE_IS_ONLINE } from './profile.ts';

/**
 * Shelly of the first generation: i3, Button 1, 1, 1L, 2.5, Uni, Door/Window. Its API reference
 * (shelly-api-docs.shelly.cloud/gen1, "MQTT support") describes
 * `shellies/<model>-<deviceid>/input_event/<i>` with `{"event":"S","event_cnt":4}`: S short, SS and
 * SSS two and three, L long, SL and LS both after another, "" none. The message is published again
 * with the same `event_cnt` at each `mqtt_update_period` (30 s).
 */
export const SHELLY_GEN1: MqttProfile = {
  example: 'shellies/shellyix3-AABBCC000201',
  topicPattern: /^shellies\/./,
  device: ({ topic }) => ({
    availability: { topic: `${topic}/online`, ...TRUE_IS_ONLINE },
    battery: { topic: `${topic}/sensor/battery` },
  }),
  button: ({ topic }, channel = '0') => ({
    topic: `${topic}/input_event/${channel}`,
    path: 'event',
    press: { S: 'single', SS: 'double', SSS: 'triple', L: 'long', SL: 'long', LS: 'long' },
    release: [''],
    counter: 'event_cnt',
  }),
  point: ({ topic }, type) =>
    type === 'doorContact' ? { topic: `${topic}/sensor/state`, active: ['open'], normal: ['close'] } : {},
  channel: { pattern: /^\d$/, about: 'the number of the input, from 0', required: false },
};
