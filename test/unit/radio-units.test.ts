import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Values of a setting in a unit, of all its lines. */
function setting(unit: string, name: string): string[] {
  const file = fileURLToPath(new URL(`../../hardware/package/${unit}`, import.meta.url));
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith(`${name}=`)).flatMap((line) => line.slice(name.length + 1).split(' '));
}

describe('the gateway’s unit', () => {
  it('has no capability, no new rights, and no Bluetooth sockets', () => {
    expect(setting('callpoint.service', 'CapabilityBoundingSet')).toEqual(['']);
    expect(setting('callpoint.service', 'AmbientCapabilities')).toEqual([]);
    expect(setting('callpoint.service', 'NoNewPrivileges')).toEqual(['yes']);
    expect(setting('callpoint.service', 'RestrictAddressFamilies')).not.toContain('AF_BLUETOOTH');
  });

  it('starts after the socket that it needs for radios', () => {
    expect(setting('callpoint.service', 'After')).toContain('callpoint-radio.socket');
    expect(setting('callpoint.service', 'Wants')).toContain('callpoint-radio.socket');
  });
});

describe('the unit of a radio’s process', () => {
  const of = (name: string) => setting('callpoint-radio@.service', name);

  it('has one capability', () => {
    expect(of('CapabilityBoundingSet')).toEqual(['CAP_NET_RAW']);
    expect(of('AmbientCapabilities')).toEqual(['CAP_NET_RAW']);
    expect(of('NoNewPrivileges')).toEqual(['yes']);
  });

  it('has a user that owns nothing, no network, no keys, and no other devices than serial ports', () => {
    expect(of('DynamicUser')).toEqual(['yes']);
    expect(of('RestrictAddressFamilies')).toEqual(['AF_UNIX', 'AF_BLUETOOTH']);
    expect(of('InaccessiblePaths')).toEqual(expect.arrayContaining(['-/etc/callpoint', '-/var/lib/callpoint']));
    expect(of('DevicePolicy')).toEqual(['closed']);
    for (const device of of('DeviceAllow').filter((each) => each !== 'rw')) expect(device).toMatch(/^char-tty/);
  });
});

it('the socket of the radios’ processes is for the group alone, bounded, and never gives up', () => {
  const of = (name: string) => setting('callpoint-radio.socket', name);
  expect(of('ListenStream')).toEqual(['/run/callpoint/radio.sock']);
  expect([of('SocketGroup'), of('SocketMode')]).toEqual([['callpoint'], ['0660']]);
  expect([of('MaxConnections'), of('TriggerLimitIntervalSec')]).toEqual([['16'], ['0']]);
});
