import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batteryIn } from '../../../gateway/inputs/mqtt-devices/battery-reader.ts';
import { Message } from '../../../gateway/inputs/mqtt-devices/message.ts';
import { parseJson } from '../../../gateway/inputs/mqtt-devices/payload.ts';
import type { MqttBattery } from '../../../gateway/inputs/mqtt-devices/settings.ts';

const BATTERY: MqttBattery = {
  topic: 'room',
  path: ['battery'],
  lowPercent: 15,
  low: ['true'],
  normal: ['false'],
};

function read(value: unknown, battery = BATTERY) {
  const payload = JSON.stringify({ battery: value });
  return batteryIn(battery, new Message(payload, parseJson(payload)));
}

describe('a battery', () => {
  test.each<[unknown, object]>([
    [80, { batteryPercent: 80, lowBattery: false }],
    ['80', { batteryPercent: 80, lowBattery: false }],
    ['80%', { batteryPercent: 80, lowBattery: false }],
    ['80 %', { batteryPercent: 80, lowBattery: false }],
    [14.5, { batteryPercent: 14.5, lowBattery: true }],
    [0, { batteryPercent: 0, lowBattery: true }],
    // Zigbee counts half percents: 0.5 is not half full.
    [0.5, { batteryPercent: 0.5, lowBattery: true }],
    [true, { lowBattery: true }],
    [false, { lowBattery: false }],
    ['TRUE', { lowBattery: true }],
    ['Low', { lowBattery: true }],
    ['critical', { lowBattery: true }],
    ['Normal', { lowBattery: false }],
    ['OK', { lowBattery: false }],
    ['unknown', {}],
    ['', {}],
    [null, {}],
  ])('that says %s is %o', (value, state) => {
    expect(read(value)).toEqual(state);
  });

  test('is low by the configured words before all others', () => {
    const words = { ...BATTERY, low: ['1', 'ok'], normal: ['0', 'low'] };
    expect(read(1, words)).toEqual({ lowBattery: true });
    expect(read('ok', words)).toEqual({ lowBattery: true });
    expect(read('Low', words)).toEqual({ lowBattery: false });
  });

  test.each<[object, object]>([
    [{ battery_low: true }, { lowBattery: true }],
    [{ battery_low: 'false' }, { lowBattery: false }],
    [
      { battery: 80, battery_low: true },
      { batteryPercent: 80, lowBattery: true },
    ],
    [
      { battery: 5, battery_low: false },
      { batteryPercent: 5, lowBattery: true },
    ],
    [
      { battery: 80, battery_low: 'perhaps' },
      { batteryPercent: 80, lowBattery: false },
    ],
    [
      { battery: 'weak', battery_low: true },
      { type: 'notUnderstood', of: 'battery', member: 'battery', value: 'weak' },
    ],
    [{}, {}],
  ])('with the flag that devices set beside or in place of a percentage: %o is %o', (said, state) => {
    const payload = JSON.stringify(said);
    expect(batteryIn(BATTERY, new Message(payload, parseJson(payload)))).toEqual(state);
  });

  test.each([101, 255, -1, 'weak', '1e2', '0x10', '12,5'])('that says %s is not understood, and told', (value) => {
    expect(read(value)).toEqual({ type: 'notUnderstood', of: 'battery', member: 'battery', value: String(value) });
  });

  test('whatever it says, no text is dropped without a word', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const state = read(text);
        const isSaid = 'type' in state || state.lowBattery !== undefined;
        expect(isSaid || /^(|unknown|unavailable|none|null|n\/a|nan)$/i.test(text.trim())).toBe(true);
      }),
    );
  });
});
