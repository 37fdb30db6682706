import { type Fields, type MqttProfile, type ProfiledDevice, TRUE_IS_ONLINE } from './profile.ts';
import { PUSHES } from './shelly-gen2.ts';

/**
 * Shelly BLU tags and door sensors behind a Shelly that is their Bluetooth gateway. All speak on
 * the gateway's `<prefix>/events/rpc`, in one of two forms.
 *
 * With `component`, as the firmware itself reports a tag that was added to it (BTHome components,
 * Gen2 Pro, Gen3, Gen4; buttons since 1.6):
 * `{"component":"bthomedevice:200","id":200,"event":"single_push","idx":1,"ts":…}`, where `idx` is
 * the key of a tag with several.
 *
 * With `address`, as the script `ble-shelly-blu.js` (ALLTERCO/shelly-script-examples) reports every
 * tag: `{"component":"script:1","event":"shelly-blu","data":{"pid":118,"battery":100,"button":1,
 * "address":"b4:35:22:00:01:02"}}`. A tag with four keys sends `"button":[0,1,0,0]`, one number for
 * each key. The numbers are those of BTHome; 254 is the hold of older firmware.
 */
export const SHELLY_BLU_GATEWAY: MqttProfile = {
  example: 'shellyblugwg3-aabbcc000001',
  device: (device) => ({
    bridge: { topic: `${device.topic}/online`, ...TRUE_IS_ONLINE },
    ...(device.component === undefined ? scriptState(device) : componentState(device, device.component)),
  }),
  button: (device, channel) =>
    device.component === undefined ? scriptButton(device, channel) : componentButton(device, device.component, channel),
  point: (device, type) =>
    type === 'doorContact' && device.component === undefined
      ? { ...fromScript(device), path: 'data.window', active: ['1'], normal: ['0'] }
      : {},
  channel: {
    pattern: /^[0-9]$/,
    about: 'the key of a tag with several, from 0; a tag with one key has none',
    required: false,
  },
  needsOneOf: ['component', 'address'],
};

function fromScript({ topic, address = '' }: ProfiledDevice): Fields {
  return {
    topic: `${topic}/events/rpc`,
    each: 'params.events',
    when: { event: ['shelly-blu'], 'data.address': [address] },
  };
}

function scriptState(device: ProfiledDevice): Fields {
  return { battery: { ...fromScript(device), path: 'data.battery' } };
}

function scriptButton(device: ProfiledDevice, channel: string | undefined): Fields {
  return {
    ...fromScript(device),
    path: channel === undefined ? 'data.button' : `data.button.${channel}`,
    press: {
      '1': 'single',
      '2': 'double',
      '3': 'triple',
      '4': 'long',
      '5': 'longDouble',
      '6': 'longTriple',
      '128': 'hold',
      '254': 'hold',
    },
    release: ['0'],
    counter: 'data.pid',
  };
}

/** The gateway publishes `battery` and `last_updated_ts` of each tag as its status. */
function componentState({ topic }: ProfiledDevice, component: string): Fields {
  const status = { topic: `${topic}/status/${component}` };
  return { battery: { ...status, path: 'battery' }, lastSeen: { ...status, path: 'last_updated_ts' } };
}

function componentButton({ topic }: ProfiledDevice, component: string, channel: string | undefined): Fields {
  return {
    topic: `${topic}/events/rpc`,
    each: 'params.events',
    when: { component: [component], ...(channel === undefined ? {} : { idx: [channel] }) },
    path: 'event',
    press: { ...PUSHES, long_double_push: 'longDouble', long_triple_push: 'longTriple', hold_press: 'hold' },
    release: ['rotate_left', 'rotate_right', 'config_changed', 'new_objects', 'ota_begin', 'ota_progress'],
    counter: 'ts',
  };
}
