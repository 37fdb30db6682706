import { expect, test } from 'vitest';
import { duplexPair } from '../../device-sim/radio/duplex.ts';
import { RadioWorld } from '../../device-sim/radio/radio-world.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { RadioFrames } from '../../gateway/paths/radio/frames.ts';
import type { RadioSettings } from '../../gateway/paths/radio/settings.ts';
import { edited, KEYS, SITE, withSite } from '../unit/config/site-fixture.ts';
import { ManualTime } from '../unit/radio/manual-time.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, site } from './site.ts';

function placeIn(building: string) {
  const names = { building, floor: 'Floor 1', room: 'Rm 1' };
  return { building, floor: '1', room: '1', text: `${building}, Floor 1, Rm 1`, names };
}

function radioPath(...lines: readonly string[]) {
  const written = [
    '  - id: radio',
    '    driver: radio',
    '    tnc: { host: 127.0.0.1, port: 8001 }',
    '    callsign: N0CALL-9',
    '    receiver: N0CALL-1',
    ...lines.map((line) => `    ${line}`),
    'deadlines:',
  ].join('\n');
  return withSite({ site: edited(SITE, ['deadlines:', written]), keys: KEYS }, (file, directory) => {
    const loaded = loadSettings(file, directory);
    const path = loaded.site.paths.find(({ id }) => id === 'radio');
    const settings = loaded.paths.find(({ id }) => id === 'radio') as RadioSettings | undefined;
    if (path === undefined || settings === undefined) throw new Error('the fixture has a radio path');
    return { path: { ...path, supervision: { ...path.supervision, mode: 'off' as const } }, settings };
  });
}

/**
 * The core, the path as the configuration builds it, and the driver's frames, on a channel with one
 * digipeater that drops frames it has repeated within 30 s. The receiving station misses the first
 * copy.
 */
function pressOverDigipeater(...lines: readonly string[]) {
  const { path, settings } = radioPath('digipeaters: [WIDE1-1]', ...lines);
  const time = new ManualTime();
  const air = new RadioWorld({ scheduler: time, digipeaters: ['WIDE1-1'] });
  air.receiver.behave({ type: 'missFirst' });
  const [gateway, tnc] = duplexPair();
  air.plug(tnc);
  const frames = new RadioFrames(settings);
  gateway.write(frames.parameters());
  const world = new SensorWorld(site([device(101)], [path]));
  const startMs = world.clock.nowMs;
  const sentMs: number[] = [];
  world.receive = (attempt) => {
    const atMs = world.clock.nowMs - startMs;
    time.pass(atMs - time.nowMs());
    sentMs.push(Math.round(atMs / 100) / 10);
    gateway.write(frames.attempt(attempt));
    return undefined;
  };
  world.press('wb-101', 1);
  world.run(75_000);
  time.pass(75_000 - time.nowMs());
  return { sentMs, air };
}

test.each([
  ['nothing', [], [0, 32.3, 64.8]],
  ['8 s', ['answerTimeoutSeconds: 8'], [0, 32.3, 64.8]],
  ['35 s', ['answerTimeoutSeconds: 35'], [0, 35.3, 70.8]],
])('with a digipeater and %s written, repeats come when it has forgotten the first copy', (_, lines, times) => {
  const { sentMs, air } = pressOverDigipeater(...lines);
  expect(sentMs).toEqual(times);
  expect(air.digipeaters[0]?.dropped).toBe(0);
  // The receiving station missed the first copy. It gets the second as soon as that is repeated.
  expect(air.receiver.shown).toMatchObject([{ copies: 2 }]);
  expect(air.receiver.heard[0]?.atMs).toBeLessThan((times[1] ?? 0) * 1_000 + 5_000);
});

test('in a storm no copy of a message comes sooner than the digipeater forgets it, while nobody answers', () => {
  const { path } = radioPath('digipeaters: [WIDE1-1]', 'airTime: { secondsPerMinute: 60 }');
  const numbers = Array.from({ length: 12 }, (_, index) => 101 + index);
  // Each is in its own building, so that none waits for a digest.
  const devices = numbers.map((number) => device(number, { location: placeIn(`B${number}`) }));
  const world = new SensorWorld(site(devices, [path]));
  const sentMs = new Map<number, number[]>();
  world.receive = ({ sequence }) => {
    sentMs.set(sequence, [...(sentMs.get(sequence) ?? []), world.clock.nowMs]);
    return undefined;
  };
  for (const number of numbers) {
    world.press(`wb-${number}`, 1);
    world.run(700);
  }
  world.run(300_000);
  const gaps = [...sentMs.values()].flatMap((times) => times.slice(1).map((ms, index) => ms - (times[index] ?? 0)));
  expect(gaps.length).toBeGreaterThan(5);
  expect(Math.min(...gaps)).toBeGreaterThan(30_000);
});
