import { describe, expect, test } from 'vitest';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttButton, MqttDevice } from '../../../gateway/inputs/mqtt-devices/settings.ts';

const I4 = 'shellyplusi4-aabbcc000202/events/rpc';
const GATEWAY = 'shellyplus1-aabbcc000001/events/rpc';

function i4Button(number: number, component: string): MqttButton {
  return {
    number,
    topic: I4,
    each: ['params', 'events'],
    when: [{ path: ['component'], is: [component] }],
    path: ['event'],
    press: { single_push: 'single', long_push: 'long' },
    release: ['btn_down', 'btn_up'],
  };
}

function tag(device: string, address: string): MqttDevice {
  const button: MqttButton = {
    number: 1,
    topic: GATEWAY,
    each: ['params', 'events'],
    when: [
      { path: ['event'], is: ['shelly-blu'] },
      { path: ['data', 'address'], is: [address] },
    ],
    path: ['data', 'button'],
    press: { '1': 'single', '4': 'long' },
  };
  return { device, buttons: [button], points: [] };
}

const i4 = new DeviceMessages([
  { device: 'i4-202', buttons: [i4Button(1, 'input:0'), i4Button(2, 'input:1')], points: [] },
]);
const tags = new DeviceMessages([tag('tag-101', 'b4:35:22:00:01:01'), tag('tag-102', 'b4:35:22:00:01:02')]);

const readings = (...buttons: readonly (readonly [button: number, means: string])[]) => ({
  type: 'readings',
  buttons: buttons.map(([button, means]) => expect.objectContaining({ button, means })),
});

function i4Says(...events: readonly (readonly [component: string, event: string])[]) {
  const written = events.map(([component, event]) => ({ component, event, ts: 1 }));
  return i4.read(I4, JSON.stringify({ method: 'NotifyEvent', params: { ts: 1, events: written } }), false);
}

function tagSays(address: string, button: number) {
  const event = { component: 'script:1', event: 'shelly-blu', data: { pid: 118, button, address } };
  return tags.read(GATEWAY, JSON.stringify({ method: 'NotifyEvent', params: { events: [event] } }), false);
}

describe('a Shelly i4: four inputs on one topic', () => {
  test('another input is not the button', () => {
    expect(i4Says(['input:2', 'single_push'])).toEqual([]);
  });

  test('a press is found wherever it stands in the message', () => {
    expect(i4Says(['input:0', 'btn_up'], ['input:0', 'single_push'])).toMatchObject([
      { device: 'i4-202', body: readings([1, 'release'], [1, 'single']) },
    ]);
    expect(i4Says(['input:0', 'single_push'], ['input:0', 'btn_up'])).toMatchObject([
      { device: 'i4-202', body: readings([1, 'single'], [1, 'release']) },
    ]);
  });

  test('one message with presses of several buttons, and several of one, is each of them', () => {
    expect(i4Says(['input:1', 'single_push'], ['input:0', 'single_push'], ['input:1', 'long_push'])).toMatchObject([
      { device: 'i4-202', body: readings([1, 'single'], [2, 'single'], [2, 'long']) },
    ]);
  });

  test('an event of the button that is no press is said as none', () => {
    expect(i4Says(['input:0', 'btn_down'])).toMatchObject([{ device: 'i4-202', body: readings([1, 'release']) }]);
  });
});

describe('many tags on one gateway topic', () => {
  test('a press is of the tag that the address names, and of no other', () => {
    expect(tagSays('b4:35:22:00:01:02', 1)).toMatchObject([{ device: 'tag-102', body: readings([1, 'single']) }]);
  });

  test("another tag's message proves no life", () => {
    expect(tagSays('b4:35:22:00:01:03', 1)).toEqual([]);
  });

  test('an array longer than any device sends is not read, which is one notice', () => {
    const events = Array.from({ length: 101 }, () => ({ event: 'shelly-blu' }));
    const value = JSON.stringify({ params: { events } });
    const unclear = { type: 'notUnderstood', of: 'payload', member: GATEWAY, value };
    expect(tags.read(GATEWAY, value, false)).toEqual([{ device: 'tag-101', body: unclear }]);
  });
});
