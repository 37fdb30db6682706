import { describe, expect, test } from 'vitest';
import { runCheck } from '../../../gateway/cli/check.ts';
import { loadSettings } from '../../../gateway/config/load.ts';
import { withSite } from '../config/site-fixture.ts';

const HEAD = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings: [{ id: A, name: Main building, floors: [{ id: "1", rooms: [{ number: "101" }, { number: "102" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
`;
const ON = 'input: mqtt-1, location: A/1/101';
const DEVICES = `devices:
  - { id: i3, ${ON}, profile: shelly-gen1, topic: shellies/i3, buttons: [{ id: b, zone: 1 }, { id: c, zone: 2, channel: 1 }] }
  - { id: i4, ${ON}, profile: shelly-gen2, topic: i4, buttons: [{ id: b, zone: 1, channel: 3 }], points: [{ id: p, type: bolt, channel: 1 }] }
  - { id: tag, ${ON}, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: gw, address: B43522000102, buttons: [{ id: b, zone: 1 }] }
  - { id: rc4, ${ON}, heartbeatSeconds: 0, profile: shelly-blu-gateway, topic: gw, component: "bthomedevice:200", buttons: [{ id: b, zone: 1, channel: 2 }] }
  - { id: zig, ${ON}, profile: zigbee2mqtt, topic: zigbee2mqtt/zig, buttons: [{ id: b, zone: 1 }], points: [{ id: door, type: doorContact }] }
  - { id: key, ${ON}, profile: zigbee2mqtt, topic: "zigbee2mqtt/EG 3/Büro", buttons: [{ id: b, zone: 1, channel: 1 }, { id: c, zone: 2, channel: on, release: off }] }
  - { id: sos, ${ON}, profile: zigbee2mqtt, topic: zigbee2mqtt/sos, buttons: [{ id: b, zone: 1, path: sos, press: { true: single }, release: false, carries: state }] }
  - { id: tas, ${ON}, profile: tasmota, topic: tas, buttons: [{ id: b, zone: 1 }] }
  - { id: esp, ${ON}, profile: esphome, topic: esp, buttons: [{ id: b, zone: 1, channel: panic }] }
  - { id: own, ${ON}, topic: own, availability: [{ topic: own/a }, { topic: own/b, path: [s.t, u] }],
      buttons: [{ id: b, zone: 1, path: [a.b, c], press: { "true": single }, quietSeconds: 5 }] }
`;

function checked(devices: string, explain: string | true, json = false): { code: number; lines: string[] } {
  return withSite({ site: HEAD + devices, keys: 'devices: {}\n' }, (config, data) => {
    const lines: string[] = [];
    const code = runCheck({ config, data, json, explain }, (line) => lines.push(line));
    return { code, lines };
  });
}

function settingsOf(devices: string) {
  const settings = withSite({ site: HEAD + devices, keys: 'devices: {}\n' }, loadSettings);
  return settings.inputs.flatMap((input) => (input.driver === 'mqtt' ? input.devices : []));
}

describe('check --explain', () => {
  test('what it shows means the same in site.yaml without any profile', () => {
    const { code, lines } = checked(DEVICES, true);
    expect(code).toBe(0);
    const shown = lines.slice(0, -1).join('\n');
    expect(shown).not.toContain('profile');
    expect(settingsOf(shown)).toEqual(settingsOf(DEVICES));
  });

  test('is read at 80 columns', () => {
    const { lines } = checked(DEVICES, true);
    expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([]);
  });

  test('shows the one device that is named', () => {
    expect(checked(DEVICES, 'tas').lines.slice(0, -1)).toEqual([
      'devices:',
      '  - id: tas',
      '    input: mqtt-1',
      '    location: A/1/101',
      '    availability: { topic: tele/tas/LWT, online: Online, offline: Offline }',
      '    buttons:',
      '      - id: b',
      '        kind: hold-up',
      '        zone: 1',
      '        topic: stat/tas/RESULT',
      '        path: Button1.Action',
      '        press:',
      '          SINGLE: single',
      '          DOUBLE: double',
      '          TRIPLE: triple',
      '          QUAD: triple',
      '          PENTA: triple',
      '          HOLD: hold',
      '        release: CLEAR',
      '        carries: events',
      '        quietSeconds: 3',
    ]);
  });

  test('stands in the JSON object', () => {
    const { code, lines } = checked(DEVICES, 'esp', true);
    expect(code).toBe(0);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      ok: true,
      explained: [{ id: 'esp', buttons: [{ topic: 'esp/binary_sensor/panic/state', carries: 'state' }] }],
    });
  });

  test('tells which devices there are if none has the name', () => {
    const { code, lines } = checked(DEVICES, 'zag');
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(
      /^--explain: no device "zag" is on an mqtt input or an input with defaults; these are: i3, i4, tag/,
    );
    expect(JSON.parse(checked(DEVICES, 'zag', true).lines.join(''))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('zag'),
    });
  });

  test('tells that a site that cannot be read has to be put right first', () => {
    const { code, lines } = checked(DEVICES.replace('profile: tasmota', 'profile: tasmotta'), true);
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('--explain: correct the errors first; the devices are read only then');
    expect(lines.join('\n')).toMatch(/profile is "tasmotta".*did you mean tasmota/s);
  });
});
