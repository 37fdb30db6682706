import { describe, expect, test } from 'vitest';
import { ShellyBluGateway } from '../../../device-sim/mqtt/shelly-blu.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttButton } from '../../../gateway/inputs/mqtt-devices/settings.ts';

const TOPIC = 'gw/events/rpc';
const ADDRESS = 'b4:35:22:00:01:02';

const scripted = (address: string, channel?: string): MqttButton => ({
  number: 0,
  topic: TOPIC,
  each: ['params', 'events'],
  when: [
    { path: ['event'], is: ['shelly-blu'] },
    { path: ['data', 'address'], is: [address] },
  ],
  path: ['data', 'button', ...(channel === undefined ? [] : [channel])],
  press: { '1': 'single' },
  release: ['0'],
});
const native = (component: string, idx?: string): MqttButton => ({
  number: 0,
  topic: TOPIC,
  each: ['params', 'events'],
  when: [{ path: ['component'], is: [component] }, ...(idx === undefined ? [] : [{ path: ['idx'], is: [idx] }])],
  path: ['event'],
  press: { single_push: 'single' },
});

const messages = (...buttons: MqttButton[]) =>
  new DeviceMessages(buttons.map((button, at) => ({ device: `tag-${at}`, buttons: [button], points: [] })));
const rpc = (...events: object[]) => JSON.stringify({ params: { events } });
const blu = (data: object, event = 'shelly-blu') => ({ component: 'script:1', event, data });
const push = (component: string, idx = 0, event = 'single_push') => ({ component, event, idx });

describe('a press on a shared topic, of a device that the site does not have', () => {
  test.each([
    [
      'a tag by its address',
      scripted(ADDRESS),
      rpc(blu({ address: 'b4:35:22:99:99:99', button: 1 })),
      ['b4:35:22:99:99:99'],
    ],
    ['the enrolled tag', scripted(ADDRESS), rpc(blu({ address: ADDRESS, button: 1 })), []],
    ['a tag that only reports', scripted(ADDRESS), rpc(blu({ address: 'b4:35:22:99:99:99', battery: 99 })), []],
    ['a tag that was let go', scripted(ADDRESS), rpc(blu({ address: 'b4:35:22:99:99:99', button: 0 })), []],
    ['another script', scripted(ADDRESS), rpc(blu({ address: 'b4:35:22:99:99:99', button: 1 }, 'weather')), []],
    ['what is no address', scripted(ADDRESS), rpc(blu({ address: 'x\n\u001b[2J', button: 1 })), []],
    ['a tag by its component', native('bthomedevice:200'), rpc(push('bthomedevice:201')), ['bthomedevice:201']],
    [
      'its repeats in one message',
      native('bthomedevice:200'),
      rpc(push('bthomedevice:201'), push('bthomedevice:201')),
      ['bthomedevice:201'],
    ],
    [
      'both at once',
      native('bthomedevice:200'),
      rpc(push('bthomedevice:200'), push('bthomedevice:201')),
      ['bthomedevice:201'],
    ],
    [
      'another tag, another key',
      native('bthomedevice:200', '1'),
      rpc(push('bthomedevice:201', 2)),
      ['bthomedevice:201 2'],
    ],
    [
      'another key of the tag',
      native('bthomedevice:200', '1'),
      rpc(push('bthomedevice:200', 2)),
      ['bthomedevice:200 2'],
    ],
    ['another input of the box', native('input:0'), rpc(push('input:1')), ['input:1']],
    ['another kind of component', native('input:0'), rpc(push('switch:0')), []],
    ['a component with letters behind it', native('input:0'), rpc(push('input:0; rm -rf /')), []],
    ['no list', native('input:0'), '{"params":{"events":7}}', []],
    ['no JSON', native('input:0'), 'single_push', []],
  ])('%s', (_, button, payload, names) => {
    expect(messages(button).strangers(TOPIC, payload, false)).toEqual(names);
  });

  test('what the broker had kept is no press, and a topic of one device has no strangers', () => {
    const payload = rpc(push('bthomedevice:201'));
    expect(messages(native('bthomedevice:200')).strangers(TOPIC, payload, true)).toEqual([]);
    const alone = { number: 0, topic: 'z/room', path: ['action'], press: { single: 'single' } } as const;
    expect(messages(alone).strangers('z/room', '{"action":"single"}', false)).toEqual([]);
  });

  test.each(['script', 'native'] as const)("the gateway's own twin, by the way: %s", (way) => {
    const tag = { id: 't', name: way === 'script' ? ADDRESS : 'bthomedevice:200', buttons: [{ id: 'b' }], points: [] };
    const twin = new ShellyBluGateway('gw', [tag], way);
    const known = messages(way === 'script' ? scripted(ADDRESS) : native('bthomedevice:200'));
    const heard = (said: readonly { topic: string; payload: string }[]) =>
      said.flatMap(({ topic, payload }) => known.strangers(topic, payload, false));
    expect(heard(twin.press('t', 'b', 'single', 1))).toEqual([]);
    expect(heard(twin.stranger(2))).toEqual([way === 'script' ? 'b4:35:22:be:ef:01' : 'bthomedevice:299']);
  });
});
