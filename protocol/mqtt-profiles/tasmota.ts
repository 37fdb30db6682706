import type { MqttProfile } from './profile.ts';

/**
 * Tasmota with `SetOption73 1`, which detaches the buttons from the relays and reports them:
 * `stat/<topic>/RESULT` with `{"Button1":{"Action":"SINGLE"}}` (tasmota.github.io/docs,
 * "Buttons and Switches"). `CLEAR` ends a hold. The will on `tele/<topic>/LWT` is `Online` or
 * `Offline`, retained. For the usual `FullTopic %prefix%/%topic%/`.
 */
export const TASMOTA: MqttProfile = {
  example: 'tasmota_204',
  device: ({ topic }) => ({
    availability: { topic: `tele/${topic}/LWT`, online: ['Online'], offline: ['Offline'] },
  }),
  button: ({ topic }, channel = '1') => ({
    topic: `stat/${topic}/RESULT`,
    path: `Button${channel}.Action`,
    press: {
      SINGLE: 'single',
      DOUBLE: 'double',
      TRIPLE: 'triple',
      QUAD: 'triple',
      PENTA: 'triple',
      HOLD: 'hold',
    },
    release: ['CLEAR'],
  }),
  point: ({ topic }, _type, channel = '1') => ({
    topic: `stat/${topic}/RESULT`,
    path: `Switch${channel}.Action`,
    active: ['ON'],
    normal: ['OFF'],
  }),
  channel: { pattern: /^[1-9]\d?$/, about: 'the number of the button, from 1', required: false },
};
