import { describe, expect, test } from 'vitest';
import { availabilityInPayload } from '../../../gateway/inputs/mqtt-devices/availability-reader.ts';
import { BridgeMessages } from '../../../gateway/inputs/mqtt-devices/bridge-messages.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import { lastSeenIn } from '../../../gateway/inputs/mqtt-devices/last-seen-reader.ts';
import { Message } from '../../../gateway/inputs/mqtt-devices/message.ts';
import { parseJson } from '../../../gateway/inputs/mqtt-devices/payload.ts';
import type { MqttAvailability } from '../../../gateway/inputs/mqtt-devices/settings.ts';

const PLAIN: MqttAvailability = { topic: 'room/availability', path: [], online: ['online'], offline: ['offline'] };
const JSON_FORM: MqttAvailability = { ...PLAIN, path: ['state'] };

describe('availability', () => {
  test.each([
    [PLAIN, 'online', 'online'],
    [PLAIN, 'Offline', 'offline'],
    [PLAIN, ' OFFLINE \r\n', 'offline'],
    [PLAIN, '{"state":"offline"}', 'offline'],
    [PLAIN, '{"state":"Online"}', 'online'],
    [PLAIN, '"offline"', 'offline'],
    [JSON_FORM, '{"state":"offline"}', 'offline'],
    [JSON_FORM, 'offline', 'offline'],
    [JSON_FORM, 'Online', 'online'],
    [JSON_FORM, '"online"', 'online'],
    [PLAIN, 'rebooting', 'unclear'],
    [PLAIN, 'null', 'unclear'],
    [PLAIN, '{"status":"offline"}', 'unclear'],
    [PLAIN, '{"state":"offline"', 'unclear'],
    [JSON_FORM, '{"state":"asleep"}', 'unclear'],
    [JSON_FORM, 'asleep', 'unclear'],
    [{ ...PLAIN, online: ['true'], offline: ['false'] }, 'true', 'online'],
    [{ ...PLAIN, online: ['true'], offline: ['false'] }, 'FALSE', 'offline'],
    [{ ...JSON_FORM, online: ['1'], offline: ['0'] }, '{"state":0}', 'offline'],
  ] as const)('%o that says %s is %s', (availability, payload, says) => {
    expect(availabilityInPayload(availability, payload)?.says).toBe(says);
  });

  test('is not in a message without its member, nor where a condition does not hold', () => {
    expect(availabilityInPayload(JSON_FORM, '{"linkquality":90}')).toBeUndefined();
    const of = (address: string) => `{"address":"${address}","state":"offline"}`;
    const one = { ...JSON_FORM, when: [{ path: ['address'], is: ['a1'] }] };
    expect(availabilityInPayload(one, of('a2'))).toBeUndefined();
    expect(availabilityInPayload(one, of('a1'))?.says).toBe('offline');
  });

  test('of several topics is told with the place of each', () => {
    const availability = [PLAIN, { ...PLAIN, topic: 'node/status' }];
    const messages = new DeviceMessages([{ device: 'z-201', buttons: [], points: [], availability }]);
    expect(messages.read('node/status', 'offline', false)).toEqual([
      { device: 'z-201', body: { type: 'availability', of: 1, says: 'offline' } },
    ]);
  });

  test('on a topic of a button is no word for a press, and a press no word for presence', () => {
    const button = { number: 1, topic: 'room', path: [], press: { single: 'single' } } as const;
    const messages = new DeviceMessages([
      { device: 'z-201', buttons: [button], points: [], availability: [{ ...PLAIN, topic: 'room' }] },
    ]);
    const bodies = (payload: string) => messages.read('room', payload, false)?.map(({ body }) => body.type);
    expect(bodies('single')).toEqual(['readings']);
    expect(bodies('offline')).toContain('availability');
  });
});

describe('a bridge', () => {
  const bridge = { ...JSON_FORM, topic: 'zigbee2mqtt/bridge/state' };
  const rooms = ['z-201', 'z-202'].map((device) => ({ device, buttons: [], points: [], bridge }));
  const bridges = new BridgeMessages(rooms);

  test('is read once, however many devices are behind it', () => {
    expect(bridges.topics).toEqual([bridge.topic]);
    expect(bridges.read(bridge.topic, '{"state":"offline"}')).toEqual({
      bridge: bridge.topic,
      says: 'offline',
      word: 'offline',
    });
    expect(bridges.read(bridge.topic, 'online')?.says).toBe('online');
    expect(bridges.read('zigbee2mqtt/room-201', '{"state":"offline"}')).toBeUndefined();
  });

  test('says nothing of its devices itself', () => {
    expect(new DeviceMessages(rooms).topics).toEqual([]);
  });
});

describe('the time at which the bridge last heard the device', () => {
  const source = { topic: 'room', path: ['last_seen'] };
  const read = (value: unknown) => {
    const payload = JSON.stringify({ last_seen: value });
    return lastSeenIn(source, new Message(payload, parseJson(payload)));
  };

  test.each([
    ['2026-11-20T05:11:02.000Z', Date.UTC(2026, 10, 20, 5, 11, 2)],
    ['2026-11-20T06:11:02+01:00', Date.UTC(2026, 10, 20, 5, 11, 2)],
    [1_795_151_462_123, 1_795_151_462_123],
    [1_795_151_462, 1_795_151_462_000],
    ['1795151462', 1_795_151_462_000],
  ])('%s is understood', (value, ms) => {
    expect(read(value)).toBe(ms);
  });

  test.each([null, '', {}, []])('%o is none', (value) => {
    expect(read(value)).toBeUndefined();
  });

  // Without its zone, a time may be hours away from what it says.
  test.each(['2026-11-20T06:11:02', 'yesterday', 12, '2026-13-45T06:11:02Z', 1e300])('%s is told', (value) => {
    expect(read(value)).toEqual({ type: 'notUnderstood', of: 'lastSeen', member: 'last_seen', value: String(value) });
  });

  test('stands beside what the message says', () => {
    const point = { number: 0, topic: 'room', path: ['contact'], active: ['false'], normal: ['true'] };
    const messages = new DeviceMessages([{ device: 'z-201', buttons: [], points: [point], lastSeen: source }]);
    const body = { type: 'readings', presses: [], points: [{ point: 0, active: false }] };
    expect(messages.read('room', '{"contact":true,"last_seen":1795151462123}', false)).toEqual([
      { device: 'z-201', body, lastSeenMs: 1_795_151_462_123 },
    ]);
  });
});
