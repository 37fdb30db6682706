import { describe, expect, test } from 'vitest';
import { readSite } from '../../device-sim/site/site-file.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { BridgeState, Presence } from '../../gateway/core/signal.ts';
import type { Device } from '../../gateway/core/site.ts';
import { withSite } from '../unit/config/site-fixture.ts';
import { PROFILE_SITES, SITE_KEYS, siteText } from './mqtt-sites.ts';
import { INPUT, MqttWorld } from './mqtt-world.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

const BRIDGE = 'zigbee2mqtt/bridge/state';
const MINUTE = 60_000;
const BEHIND: Partial<Device> = { heartbeatMs: 0, watched: true, bridge: BRIDGE };
const HEARTBEATS = { heartbeatMs: 5 * MINUTE, missedHeartbeats: 3 };

function worldOf(rooms: readonly number[], changes: Partial<Device> = {}): SensorWorld {
  const off = { ...path('central').supervision, mode: 'off' } as const;
  const devices = rooms.map((room) => device(room, { ...BEHIND, ...changes }));
  return new SensorWorld(site(devices, [path('central', { supervision: off })]));
}

function bridge(world: SensorWorld, says: BridgeState['says'] = 'online', how: { kept?: true } = {}): void {
  world.give({ type: 'bridge', state: { input: 'bus-1', bridge: BRIDGE, says, word: says, ...how } });
}

function available(world: SensorWorld, room: number, says: Presence | 'withdrawn', how: { kept?: true } = {}): void {
  world.say(`wb-${room}`, { type: 'availability', of: 0, says }, how);
}

function supervised(world: SensorWorld, room: number): string | undefined {
  return world.devices.get(`wb-${room}`)?.supervised;
}

function reported(world: SensorWorld): string[] {
  return world.attempts.map(({ report }) => report.text);
}

describe('an availability that is withdrawn, as by a bridge that renames or removes its device', () => {
  test('leaves the device unknown at once, and is a trouble that says so', () => {
    const world = worldOf([101, 102]);
    bridge(world);
    available(world, 101, 'online');
    available(world, 102, 'online');
    world.run(MINUTE);
    available(world, 101, 'withdrawn');
    expect(supervised(world, 101)).toBe('unknown');
    world.run(3 * MINUTE);
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
    expect(reported(world)).toEqual([expect.stringMatching(/^Device missing: wb-101/)]);
    expect(world.details.at(-1)).toContain('renamed or removed');
    available(world, 101, 'online');
    expect(supervised(world, 101)).toBe('ok');
    world.run(MINUTE);
    expect([...world.troubles]).toEqual([]);
  });

  test('takes nothing from a device that its own heartbeats supervise', () => {
    const world = worldOf([101], HEARTBEATS);
    bridge(world);
    world.run(MINUTE);
    world.readings('wb-101', {});
    available(world, 101, 'withdrawn');
    expect(supervised(world, 101)).toBe('ok');
  });
});

test('a word of availability that nobody understands is a trouble that stands until one is understood', () => {
  const world = worldOf([101, 102]);
  bridge(world);
  available(world, 101, 'online');
  available(world, 102, 'online');
  world.run(MINUTE);
  available(world, 101, 'unclear');
  world.run(3 * MINUTE);
  expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
  available(world, 101, 'online');
  world.run(MINUTE);
  expect([...world.troubles]).toEqual([]);
});

describe('what a bridge says at its start of availability comes from its file', () => {
  test('so a device whose heartbeats have ended stays missing, and nothing is proven', () => {
    const world = worldOf([101], HEARTBEATS);
    bridge(world);
    available(world, 101, 'online');
    world.run(MINUTE);
    world.readings('wb-101', {});
    const proven = world.devices.get('wb-101')?.last_proven_at;
    world.run(20 * MINUTE);
    expect(supervised(world, 101)).toBe('missing');
    bridge(world, 'offline');
    world.run(MINUTE);
    bridge(world);
    // The bridge waits 25 hours before it says otherwise.
    available(world, 101, 'online');
    world.run(MINUTE);
    expect(supervised(world, 101)).not.toBe('ok');
    expect(world.devices.get('wb-101')?.last_proven_at).toBe(proven);
    expect(reported(world).filter((text) => text.includes('Restored: Device missing'))).toEqual([]);
  });

  test('and later is news', () => {
    const world = worldOf([101], HEARTBEATS);
    bridge(world);
    available(world, 101, 'offline');
    world.run(MINUTE);
    expect(supervised(world, 101)).toBe('missing');
    available(world, 101, 'online');
    expect(supervised(world, 101)).toBe('ok');
  });
});

describe('a bridge that says nothing of the availability of any device', () => {
  const rooms = [101, 102, 103, 104, 105];

  test('is one trouble, which says how to switch availability on', () => {
    const world = worldOf(rooms);
    bridge(world);
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual([`availabilityOff.bus-1.${BRIDGE}`]);
    expect(reported(world)).toEqual([expect.stringMatching(/5 devices, so their loss would not be noticed$/)]);
    expect(world.details.at(-1)).toContain('availability: { enabled: true }');
    for (const room of rooms) expect(supervised(world, room)).toBe('unknown');
  });

  test('ends that trouble when it speaks, and those of which it still says nothing are told one by one', () => {
    const world = worldOf(rooms);
    bridge(world);
    world.run(10 * MINUTE);
    for (const room of rooms.slice(1)) available(world, room, 'online');
    world.run(10_000);
    expect([...world.troubles]).toEqual([]);
    world.run(3 * MINUTE);
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
    available(world, 101, 'online');
    world.run(2 * MINUTE);
    expect([...world.troubles]).toEqual([]);
    expect(reported(world)).toHaveLength(4);
  });

  test('is told once over a restart, and is over after one that hears it speak', () => {
    const world = worldOf(rooms);
    bridge(world);
    world.run(10 * MINUTE);
    world.crash();
    world.start();
    bridge(world, 'online', { kept: true });
    world.run(10 * MINUTE);
    expect(reported(world)).toHaveLength(1);
    world.crash();
    world.troubles.clear();
    world.start();
    for (const room of rooms) available(world, room, 'online', { kept: true });
    bridge(world, 'online', { kept: true });
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual([]);
    expect(reported(world)).toHaveLength(2);
  });

  test('is told while it is up only: a bridge that goes down is one trouble', () => {
    const world = worldOf(rooms);
    bridge(world);
    world.run(10 * MINUTE);
    bridge(world, 'offline');
    world.run(10 * MINUTE);
    expect([...world.troubles]).toContain(`bridgeDown.bus-1.${BRIDGE}`);
    expect(reported(world)).toHaveLength(2);
  });

  test('is one trouble beside devices that are supervised otherwise, or not at all', () => {
    const off = { ...path('central').supervision, mode: 'off' } as const;
    const others = [device(106, { ...BEHIND, watched: false }), device(107, { ...BEHIND, ...HEARTBEATS })];
    const devices = [...rooms.map((room) => device(room, BEHIND)), ...others];
    const world = new SensorWorld(site(devices, [path('central', { supervision: off })]));
    bridge(world);
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual([`availabilityOff.bus-1.${BRIDGE}`]);
    available(world, 107, 'online');
    world.run(MINUTE);
    expect([...world.troubles]).toEqual([`availabilityOff.bus-1.${BRIDGE}`]);
  });

  test('hides no loss of a device that its own heartbeats supervise', () => {
    const off = { ...path('central').supervision, mode: 'off' } as const;
    const devices = [...rooms.map((room) => device(room, BEHIND)), device(107, { ...BEHIND, ...HEARTBEATS })];
    const world = new SensorWorld(site(devices, [path('central', { supervision: off })]));
    bridge(world);
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual([`availabilityOff.bus-1.${BRIDGE}`]);
    world.run(24 * 60 * MINUTE);
    expect([...world.troubles]).toEqual([`availabilityOff.bus-1.${BRIDGE}`, 'deviceMissing.wb-107']);
  });

  test('and has one device is told as that device', () => {
    const world = worldOf([101]);
    bridge(world);
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
  });
});

test('Zigbee2MQTT as it is by default, without availability, is one trouble, and its presses are alerts', () => {
  const [, { devices } = { devices: '' }] =
    Object.entries(PROFILE_SITES).find(([name]) => name === 'zigbee2mqtt') ?? [];
  const world = withSite({ site: siteText({ devices }), keys: SITE_KEYS }, (file, directory) => {
    const { site: built, inputs } = loadSettings(file, `${directory}/data`);
    const settings = inputs.flatMap((input) => (input.driver === 'mqtt' ? input.devices : []));
    const simulated = readSite(file, 1).inputs.find(({ id }) => id === INPUT);
    return new MqttWorld({ site: built, settings, devices: simulated?.devices ?? [] }, 1);
  });
  const link = world.linkOf('d-101');
  world.behave(link, ['noAvailability']);
  world.connect(link, true);
  world.core.run(10 * MINUTE);
  world.publish(link, link.twin.press('d-101', 'button-1', 'single', world.wallMs));
  world.core.run(MINUTE);
  expect([...world.core.troubles]).toEqual([`availabilityOff.${INPUT}.${BRIDGE}`]);
  expect(world.core.raised.map((alert) => alert.device)).toEqual(['d-101']);
});

test('a bridge that is silent while its devices are heard has another topic, and its trouble says so', () => {
  const world = worldOf([101, 102]);
  available(world, 101, 'online');
  world.readings('wb-101', { presses: [{ button: 0, pattern: 'single' }] });
  world.run(3 * MINUTE);
  expect(world.raised.map((alert) => alert.device)).toEqual(['wb-101']);
  expect([...world.troubles]).toEqual([`bridgeDown.bus-1.${BRIDGE}`]);
  expect(reported(world).at(-1)).toMatch(/^Bridge down: .*; a loss of its devices is not noticed$/);
  expect(world.details.at(-1)).toMatch(/devices are heard.*correct (its|the) topic/);
});

test('a bridge that says again and again that it is online postpones no loss of its devices', () => {
  const world = worldOf([101], { watched: false, ...HEARTBEATS, heartbeatMs: 60 * MINUTE });
  bridge(world);
  world.run(MINUTE);
  world.say('wb-101', { type: 'alive' });
  expect(supervised(world, 101)).toBe('ok');
  for (let minutes = 0; minutes < 4 * 60; minutes += 15) {
    world.run(15 * MINUTE);
    bridge(world);
  }
  expect(supervised(world, 101)).toBe('missing');
  expect([...world.troubles]).toEqual(['deviceMissing.wb-101']);
});

test('a press while the bridge says that it is down is an alert, and does not show the device as well', () => {
  const world = worldOf([101, 102], HEARTBEATS);
  bridge(world, 'offline');
  world.readings('wb-101', { presses: [{ button: 0, pattern: 'single' }] });
  expect(world.raised.map((alert) => alert.device)).toEqual(['wb-101']);
  expect(supervised(world, 101)).toBe('unknown');
  expect([...world.troubles]).toEqual([`bridgeDown.bus-1.${BRIDGE}`]);
  bridge(world);
  world.run(MINUTE);
  world.readings('wb-101', {});
  expect(supervised(world, 101)).toBe('ok');
});

describe('devices that a bridge finds missing when it starts after an outage', () => {
  const rooms = Array.from({ length: 60 }, (_, at) => 101 + at);
  const start = (world: SensorWorld, says: (room: number) => Presence, how: { kept?: true } = {}) => {
    bridge(world, 'online', how);
    for (const room of rooms) available(world, room, says(room), how);
  };
  const outage = () => {
    const world = worldOf(rooms);
    start(world, () => 'online');
    world.run(MINUTE);
    bridge(world, 'offline');
    world.run(60 * MINUTE);
    start(world, () => 'offline');
    world.run(2 * MINUTE);
    return world;
  };

  test('are few troubles, whatever their number, and all of them are shown as missing', () => {
    const world = outage();
    for (const room of rooms) expect(supervised(world, room)).toBe('missing');
    expect(reported(world).filter((text) => text.startsWith('Device missing'))).toHaveLength(4);
    expect(reported(world).filter((text) => text.startsWith('Devices missing'))).toHaveLength(1);
    expect([...world.troubles]).toHaveLength(5);
  });

  test('end these troubles when the last of them is back', () => {
    const world = outage();
    const before = reported(world).length;
    for (const room of rooms.slice(0, -1)) available(world, room, 'online');
    world.run(2 * MINUTE);
    expect([...world.troubles]).toEqual([`devicesMissing.bus-1.${BRIDGE}`]);
    available(world, 160, 'online');
    world.run(2 * MINUTE);
    expect([...world.troubles]).toEqual([]);
    expect(reported(world).length).toBe(before + 5);
  });

  test('hide no device that is lost later', () => {
    const world = outage();
    available(world, 150, 'online');
    world.run(2 * MINUTE);
    available(world, 150, 'offline');
    world.run(MINUTE);
    expect(reported(world).at(-1)).toMatch(/^Device missing: wb-150/);
  });

  test('are told nothing twice after a restart of the gateway, in whatever order the broker repeats them', () => {
    const world = outage();
    const before = reported(world).length;
    world.crash();
    world.start();
    for (const room of [...rooms].reverse()) available(world, room, 'offline', { kept: true });
    bridge(world, 'online', { kept: true });
    world.run(2 * MINUTE);
    expect(reported(world).length).toBe(before);
    for (const room of rooms) available(world, room, 'online');
    world.run(2 * MINUTE);
    expect([...world.troubles]).toEqual([]);
  });

  test('end a trouble of an earlier run if all are back meanwhile', () => {
    const world = outage();
    world.crash();
    world.troubles.clear();
    world.start();
    start(world, () => 'online', { kept: true });
    world.run(2 * MINUTE);
    expect([...world.troubles]).toEqual([]);
  });
});
