import { describe, expect, test } from 'vitest';
import type { Device, Site } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, output, path, site } from './site.ts';

const MINUTE = 60_000;

const TIMES = { minimumMs: 2, rearmMs: 50, stuckMs: 60_000 };
const WIRED = device(101, {
  buttons: new Map([[0, { id: 'button-1', number: 0, zone: 101, kind: 'medical', contact: TIMES }]]),
  wiresSupervised: true,
});
const HEARD = device(102);

/** `name`: what is edited beside the devices. */
function sited(name: string, devices: readonly Device[] = [WIRED, HEARD]): Site {
  return { ...site(devices, [path('central')]), name, outputs: [{ ...output('lamp', 'bus-1'), shows: 'drill' }] };
}

function reload(world: SensorWorld, next: Site, inputs: readonly string[] = []): void {
  world.give({ type: 'reload', site: next, reopened: { inputs: new Set(inputs), paths: new Set() } });
}

function running(): SensorWorld {
  const world = new SensorWorld(sited('before'));
  world.contact('wb-101', 'normal');
  world.run(1000);
  return world;
}

/** What a restart forgets, and a reload must not. */
describe('of what a reload does not change, it keeps', () => {
  test('a contact that is held: one alert, and stuck when its time is over', () => {
    const world = running();
    world.contact('wb-101', 'active');
    world.run(30_000);
    reload(world, sited('after'));
    world.contact('wb-101', 'active');
    world.run(29_000);
    expect([...world.troubles]).not.toContain('stuckButton.wb-101.button-1');
    world.run(2_000);
    expect([...world.troubles]).toContain('stuckButton.wb-101.button-1');
    expect(world.raised).toHaveLength(1);
  });

  test('the level of a door, and when its device was last heard', () => {
    const world = running();
    world.contact('wb-101', 'active', { of: 'point', number: 0 });
    world.run(1000);
    const before = world.devices.get('wb-101');
    expect(before?.points).toMatchObject({ door: { state: 'open' } });
    const moved = { ...WIRED, location: { ...WIRED.location, text: 'Annex' } };
    reload(world, sited('after', [moved, HEARD]));
    expect(world.devices.get('wb-101')).toMatchObject({
      points: { door: { state: 'open' } },
      supervised: 'ok',
      last_proven_at: before?.last_proven_at,
    });
  });

  test('the time by which a device has to be heard, however often it is reloaded and its input opened anew', () => {
    const world = running();
    world.press('wb-102', 1);
    // Three heartbeats of 30 s.
    for (let time = 0; time < 8; time++) {
      world.run(10_000);
      reload(world, sited(`after ${time}`), ['bus-1']);
      world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: '' } });
    }
    expect([...world.troubles]).not.toContain('deviceMissing.wb-102');
    world.run(11_000);
    expect([...world.troubles]).toContain('deviceMissing.wb-102');
    const told = world.told.filter((text) => text.includes('Device missing')).length;
    reload(world, sited('last'), ['bus-1']);
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: '' } });
    world.run(1000);
    expect([...world.troubles]).toContain('deviceMissing.wb-102');
    expect(world.told.filter((text) => text.includes('Device missing'))).toHaveLength(told);
  });

  test('an input that is opened anew and stays away is one trouble, and its devices are none', () => {
    const world = running();
    reload(world, sited('after'), ['bus-1']);
    world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'down', detail: 'gone' } });
    world.run(10 * MINUTE);
    expect([...world.troubles]).toEqual(['inputDown.bus-1']);
  });

  test('a running drill, until its own end', () => {
    const world = running();
    world.give({
      type: 'command',
      command: { command: 'drill', action: 'start', scope: 'site', minutes: 5, by: 'anna', reason: 'drill' },
    });
    world.run(3 * MINUTE);
    reload(world, sited('after'));
    world.press('wb-102', 1);
    world.run(1000);
    expect(world.raised.at(-1)).toMatchObject({ mode: 'drill' });
    world.run(2 * MINUTE);
    world.press('wb-102', 2);
    world.run(1000);
    expect(world.raised.at(-1)).toMatchObject({ mode: 'live' });
  });

  test('what a removed device has said, for when it comes back: no recording is new', () => {
    const world = running();
    const id = world.press('wb-102', 5);
    world.run(1000);
    reload(world, sited('without', [WIRED]));
    world.run(MINUTE);
    reload(world, sited('with'));
    world.press('wb-102', 5);
    world.press('wb-102', 4);
    world.run(1000);
    expect(world.raised.map((alert) => alert.id)).toEqual([id, 'wb-102.1.4']);
    world.press('wb-102', 6);
    world.run(1000);
    expect(world.raised).toHaveLength(3);
  });

  test('an alert that is open when its device is removed: it is resolved with the texts it was raised with', () => {
    const world = running();
    const id = world.press('wb-102', 5);
    world.run(1000);
    reload(world, sited('without', [WIRED]));
    world.give({ type: 'command', command: { command: 'resolve', alert: id, by: 'anna', reason: 'over' } });
    world.run(1000);
    const restore = world.attempts.find(({ report }) => report.id === `${id}.restore`);
    expect(restore?.report.text).toContain('Main building, Floor 1, Rm 102');
  });

  test('as much memory after two hundred reloads as after two', () => {
    const world = running();
    const timers = () => {
      for (let time = 0; time < 2; time++) {
        reload(world, sited('without', [WIRED]), ['bus-1']);
        reload(world, sited('with'), ['bus-1']);
      }
      world.give({ type: 'inputHealth', health: { input: 'bus-1', state: 'up', detail: '' } });
      return world.written;
    };
    const first = timers();
    const each = timers() - first;
    let last = first + each;
    for (let time = 0; time < 50; time++) {
      const now = timers();
      // No reload writes more than the one before it: nothing is left over from earlier ones.
      expect(now - last).toBeLessThanOrEqual(each);
      last = now;
    }
  });
});
