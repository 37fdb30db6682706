import { type MqttProfile, TRUE_IS_ONLINE } from './profile.ts';

/** Of each key of a Shelly from the second generation on. */
export const PUSHES = {
  single_push: 'single',
  double_push: 'double',
  triple_push: 'triple',
  long_push: 'long',
};

/**
 * Shelly from the second generation on: Plus, Pro, Gen3, Gen4 with inputs in button mode. All
 * inputs speak on `<prefix>/events/rpc`, and one message holds a list of events
 * (shelly-api-docs.shelly.cloud/gen2, "Notifications"):
 * `"params":{"events":[{"component":"input:0","id":0,"event":"single_push","ts":…}]}`.
 * `btn_down` and `btn_up` come with each push. An input in switch mode says `toggle` instead.
 */
export const SHELLY_GEN2: MqttProfile = {
  example: 'shellyplusi4-aabbcc000202',
  device: ({ topic }) => ({ availability: { topic: `${topic}/online`, ...TRUE_IS_ONLINE } }),
  button: ({ topic }, channel = '0') => ({
    topic: `${topic}/events/rpc`,
    each: 'params.events',
    when: { component: [`input:${channel}`] },
    path: 'event',
    press: PUSHES,
    release: ['btn_down', 'btn_up', 'config_changed'],
    counter: 'ts',
  }),
  point: ({ topic }, _type, channel = '0') => ({
    topic: `${topic}/status/input:${channel}`,
    path: 'state',
    active: ['true'],
    normal: ['false'],
  }),
  channel: { pattern: /^\d{1,3}$/, about: 'the number of the input, from 0', required: false },
};
