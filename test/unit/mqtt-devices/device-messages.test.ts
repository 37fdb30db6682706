import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ButtonReading } from '../../../gateway/core/signal.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import type { MqttDevice } from '../../../gateway/inputs/mqtt-devices/settings.ts';

const ROOM: MqttDevice = {
  device: 'z-201',
  buttons: [
    { number: 1, topic: 'room', path: ['action'], press: { single: 'single', on: 'single', double: 'double' } },
    { number: 2, topic: 'room', path: ['action'], press: { off: 'long' } },
  ],
  points: [
    { number: 0, topic: 'room', path: ['contact'], active: ['false'], normal: ['true'] },
    { number: 1, topic: 'room', path: ['tamper'], active: ['true', '1'], normal: ['false', '0'] },
  ],
  battery: { topic: 'room', path: ['battery'], lowPercent: 15 },
  availability: [{ topic: 'room/availability', path: [], online: ['online'], offline: ['offline'] }],
};
const NEIGHBOUR: MqttDevice = {
  device: 'z-202',
  buttons: [{ number: 1, topic: 'room', path: ['other'], press: { single: 'single' } }],
  points: [],
  availability: [{ topic: 'room', path: ['state'], online: ['up'], offline: ['down'] }],
};
const room = new DeviceMessages([ROOM]);

const said = (button: number, means: ButtonReading['means'], value: string, member = 'action'): ButtonReading => {
  return { button, means, value, member, repeats: { by: 'time', withinMs: 0 } };
};

const nothing = { type: 'readings', presses: [], points: [] };

describe('a message', () => {
  test.each([
    [{ action: 'single' }, { ...nothing, buttons: [said(1, 'single', 'single'), said(2, 'release', 'single')] }],
    [{ action: 'on' }, { ...nothing, buttons: [said(1, 'single', 'on'), said(2, 'release', 'on')] }],
    [{ action: 'off' }, { ...nothing, buttons: [said(1, 'release', 'off'), said(2, 'long', 'off')] }],
    [{ action: 'Single' }, { ...nothing, buttons: [said(1, 'notUnderstood', 'Single'), said(2, 'release', 'Single')] }],
    [{ action: '' }, { ...nothing, buttons: [said(1, 'release', ''), said(2, 'release', '')] }],
    [
      { action: 'toString' },
      { ...nothing, buttons: [said(1, 'notUnderstood', 'toString'), said(2, 'release', 'toString')] },
    ],
    [{ action: null }, { type: 'alive' }],
    [{ contact: false }, { ...nothing, points: [{ point: 0, active: true }] }],
    [
      { contact: true, tamper: 1 },
      {
        ...nothing,
        points: [
          { point: 0, active: false },
          { point: 1, active: true },
        ],
      },
    ],
    [{ battery: 15 }, { ...nothing, batteryPercent: 15, lowBattery: false }],
    [{ battery: '14.9' }, { ...nothing, batteryPercent: 14.9, lowBattery: true }],
    [{ battery: '' }, { type: 'alive' }],
    [{ battery: null }, { type: 'alive' }],
    [{}, { type: 'alive' }],
  ])('%o is said as %o', (message, body) => {
    expect(room.read('room', JSON.stringify(message), false)).toEqual([{ device: 'z-201', body }]);
  });

  test.each([
    [{ contact: 'perhaps' }, 'point', 'contact', 'perhaps'],
    [{ battery: 101 }, 'battery', 'battery', '101'],
    [{ battery: 'A' }, 'battery', 'battery', 'A'],
  ])('%o proves life, and its word is told', (message, of, member, value) => {
    expect(room.read('room', JSON.stringify(message), false)).toEqual([
      { device: 'z-201', body: { type: 'alive' } },
      { device: 'z-201', body: { type: 'notUnderstood', of, member, value } },
    ]);
  });

  test('that speaks of two devices is said of both', () => {
    const both = new DeviceMessages([ROOM, NEIGHBOUR]);
    expect(both.read('room', '{"action":"single","other":"single","state":"down"}', false)).toEqual([
      { device: 'z-201', body: { ...nothing, buttons: [said(1, 'single', 'single'), said(2, 'release', 'single')] } },
      { device: 'z-202', body: { ...nothing, buttons: [said(1, 'single', 'single', 'other')] } },
      { device: 'z-202', body: { type: 'availability', of: 0, says: 'offline' } },
    ]);
  });

  test('of availability is presence, absence, or a word that is not understood; retained or not', () => {
    const says = (word: string) => ({ device: 'z-201', body: { type: 'availability', of: 0, says: word } });
    const notUnderstood = {
      type: 'notUnderstood',
      of: 'availability',
      member: 'room/availability',
      value: 'rebooting',
    };
    for (const retained of [false, true]) {
      const said = (payload: string) => room.read('room/availability', payload, retained);
      expect(said('online')).toEqual([says('online')]);
      expect(said('offline')).toEqual([says('offline')]);
      expect(said('rebooting')).toEqual([says('unclear'), { device: 'z-201', body: notUnderstood }]);
    }
  });

  test('of an unknown topic is no message of a device', () => {
    expect(room.read('room/set', '{"action":"single"}', false)).toBeUndefined();
  });

  test('that is no JSON where JSON is due is not understood, and on the topic of a button it may be a press', () => {
    const unclear = { type: 'notUnderstood', of: 'button', member: 'room', value: 'single' };
    expect(room.read('room', 'single', false)).toEqual([{ device: 'z-201', body: unclear }]);
    expect(room.read('room', 'single', true)).toEqual([{ device: 'z-201', body: { ...unclear, of: 'payload' } }]);
  });

  test.each(['"single"', '1', 'true', '[{"action":"single"}]', '[]'])(
    'that is JSON without members, %s, may be a press as well',
    (payload) => {
      const unclear = { type: 'notUnderstood', of: 'button', member: 'room', value: payload };
      expect(room.read('room', payload, false)).toEqual([{ device: 'z-201', body: unclear }]);
    },
  );

  test('that is a list is read by its places', () => {
    const keys = new DeviceMessages([
      { device: 'keys', points: [], buttons: [{ number: 1, topic: 'keys', path: ['1'], press: { '2': 'double' } }] },
    ]);
    const buttons = [said(1, 'double', '2', '1')];
    expect(keys.read('keys', '[0,2]', false)).toEqual([{ device: 'keys', body: { ...nothing, buttons } }]);
  });

  test('retained raises no press and proves no life, whatever it holds', () => {
    const member = fc.constantFrom('action', 'contact', 'tamper', 'battery', 'x');
    const value = fc.constantFrom('single', 'off', 'true', 'false', true, false, 1, 50, null);
    fc.assert(
      fc.property(fc.dictionary(member, value), (message) => {
        for (const { body } of room.read('room', JSON.stringify(message), true) ?? []) {
          if (body.type !== 'notUnderstood') expect(body).toMatchObject({ type: 'readings', presses: [] });
          else expect(body.of).not.toBe('button');
        }
      }),
    );
  });

  test('each topic is subscribed to once', () => {
    expect(new DeviceMessages([ROOM, NEIGHBOUR]).topics).toEqual(['room', 'room/availability']);
  });
});
