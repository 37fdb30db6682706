import type { MqttProfile } from './profile.ts';

/** `channel` must be written; a file without it is refused. */
const EXAMPLE = 'panic_button';

/**
 * ESPHome with `mqtt:` (esphome.io/components/mqtt):
 * `<topic_prefix>/binary_sensor/<object_id>/state` is `ON` or `OFF`, retained, and published again
 * at each connection. So it carries a state, and only a change to ON is a press.
 * `<topic_prefix>/status` is `online` or `offline`, retained.
 */
export const ESPHOME: MqttProfile = {
  example: 'desk-205',
  device: ({ topic }) => ({ availability: { topic: `${topic}/status` } }),
  button: ({ topic }, channel = EXAMPLE) => ({
    topic: stateOf(topic, channel),
    press: { ON: 'single' },
    release: ['OFF'],
    carries: 'state',
  }),
  point: ({ topic }, _type, channel = EXAMPLE) => ({ topic: stateOf(topic, channel), active: ['ON'], normal: ['OFF'] }),
  channel: {
    pattern: /^[a-z0-9_-]{1,64}$/,
    about: `the object id of the binary sensor, such as ${EXAMPLE}`,
    required: true,
  },
};

function stateOf(topic: string, channel: string): string {
  return `${topic}/binary_sensor/${channel}/state`;
}
