import { describe, expect, test } from 'vitest';
import { walkTestSettings } from '../../gateway/core/walk-test-settings.ts';
import { SensorWorld } from './sensor-world.ts';
import { device } from './site.ts';

import { itemOf, MINUTE, ready, STOP, school, start, wired } from './walk-test-school.ts';

describe('doors and outputs', () => {
  const move = (world: SensorWorld, point: number, active: boolean) => {
    world.say('wb-101', { type: 'contact', of: 'point', number: point, state: active ? 'active' : 'normal' });
    world.run(200);
  };

  test('a door is ticked when it was seen open and closed, unlocked and locked; until then it says what is missing', () => {
    const world = ready();
    move(world, 0, false);
    move(world, 1, false);
    start(world);
    move(world, 1, true);
    move(world, 0, true);
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({
      state: 'awaiting',
      awaited: ['door to close', 'bolt to lock'],
    });
    move(world, 0, false);
    move(world, 1, false);
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({ state: 'tested', proof: { kind: 'walkTest' } });
  });

  test('a door in daily use proves itself, at most once a day', () => {
    const world = ready();
    const use = () => {
      for (const [point, active] of [
        [1, true],
        [0, true],
        [0, false],
        [1, false],
      ] as const)
        move(world, point, active);
    };
    move(world, 0, false);
    move(world, 1, false);
    use();
    expect(itemOf(world.walkTest(), 'door:door-101')).toMatchObject({ earlier: { kind: 'use' } });
    const written = world.journal.records.filter(({ t }) => t === 'proven').length;
    use();
    expect(world.journal.records.filter(({ t }) => t === 'proven')).toHaveLength(written);
  });

  test('an output goes on for 5 s for the tester, and is ticked by word', () => {
    const world = ready();
    const say = { command: 'walk-test', output: 'siren', reason: 'walk test', by: 'cli:maria' } as const;
    expect(world.command({ ...say, action: 'show' })).toMatchObject({ ok: false });
    start(world, 'site');
    expect(world.command({ ...say, action: 'show' })).toMatchObject({ ok: true });
    expect(world.outputs.get('siren')).toBe(true);
    world.run(5001);
    expect(world.outputs.get('siren')).toBe(false);
    world.command({ ...say, action: 'tick' });
    expect(itemOf(world.walkTest(), 'output:siren')).toMatchObject({ state: 'tested' });
  });

  test('a siren of the whole site is tested with its only building; of several, the refusal says with what', () => {
    const say = {
      command: 'walk-test',
      output: 'siren',
      reason: 'walk test',
      by: 'cli:maria',
      action: 'show',
    } as const;
    const one = ready({ devices: new Map([['wb-101', device(101, { heartbeatMs: 0 })]]) });
    start(one, 'building:A');
    expect(one.command(say)).toMatchObject({ ok: true });
    const two = ready();
    start(two, 'building:A');
    expect(two.command(say)).toMatchObject({
      ok: false,
      text: expect.stringContaining('siren is tested in a walk test of its building, or of the whole site'),
    });
  });

  test('no output follows a test, and each follows the real press', () => {
    const world = ready();
    world.receiverAnswers = false;
    start(world);
    world.press('wb-101', 1, { button: 1 });
    world.run(500);
    expect(world.outputs.get('siren')).toBe(false);
    world.press('wb-201', 1, { button: 1 });
    world.run(500);
    expect(world.outputs.get('siren')).toBe(true);
  });
});

describe('the sensor watch', () => {
  const DAY = 86_400_000;
  const WATCHED = { walkTest: { ...walkTestSettings({}), provenWithinMs: 10 * DAY } };

  test('reports all that was never proven once each morning, and is over when all of it is', () => {
    const world = ready({ ...WATCHED, doors: [], outputs: [], ...{ devices: new Map([['wb-301', wired(301)]]) } });
    world.run(DAY);
    expect([...world.troubles]).toEqual(['notProven.site']);
    expect(world.told.filter((text) => text.includes('Not proven'))).toHaveLength(1);
    world.run(DAY);
    expect(world.told.at(-1)).toBe(
      'Still: Not proven within 10 days: Main building, Floor 1, Rm 301, wb-301 panic (Medical)',
    );
    world.contact('wb-301', 'active');
    world.run(100);
    world.contact('wb-301', 'normal');
    world.run(1000);
    expect([...world.troubles]).toEqual([]);
    expect(itemOf(world.walkTest(), 'button:wb-301/panic')).toMatchObject({ earlier: { kind: 'alert' } });
    world.run(9 * DAY);
    expect([...world.troubles]).toEqual([]);
    world.run(2 * DAY);
    expect([...world.troubles]).toEqual(['notProven.site']);
  });

  test('a real press that nobody acknowledged proves nothing', () => {
    const world = ready();
    world.receiverAnswers = false;
    world.press('wb-101', 1);
    world.run(MINUTE);
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')?.earlier).toBeUndefined();
  });

  test('a device with a new key counts as new', () => {
    const keyed = (key: string) =>
      school({ devices: new Map([['wb-101', device(101, { heartbeatMs: 0, keyFingerprint: key })]]), doors: [] });
    const world = new SensorWorld(keyed('aa'));
    world.run(10_000);
    start(world);
    world.press('wb-101', 1);
    world.run(1000);
    world.command(STOP);
    world.run(1000);
    world.crash();
    world.start(keyed('bb'));
    expect(itemOf(world.walkTest(), 'button:wb-101/button-0')?.earlier).toBeUndefined();
  });
});
