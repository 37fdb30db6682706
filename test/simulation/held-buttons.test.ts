import { expect, test } from 'vitest';
import type { CoreInput } from '../../gateway/core/input.ts';
import { compacted } from '../../gateway/core/restart/journal-replay.ts';
import type { PressPattern } from '../../protocol/press-pattern.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, path, site } from './site.ts';

/** A tag that sends `hold` first. Button 0: hold-up, long: medical; button 1: medical. */
class HeldTag extends SensorWorld {
  isStopped = false;
  #packetId = 0;

  constructor() {
    const { buttons } = device(101);
    const tag = device(101, { saysHowHoldEnds: true, heartbeatMs: 0, buttons });
    super(site([tag], [path('central')]));
  }

  says(button: number, pattern: PressPattern, agoMs = 0): void {
    this.#packetId += 1;
    const capturedMs = this.clock.nowMs - agoMs;
    this.readings('wb-101', { presses: [{ button, pattern }] }, { packetId: this.#packetId, capturedMs });
  }

  override give(input: CoreInput): void {
    if (!this.isStopped) super.give(input);
  }

  /** The gateway stands still, and its timers are due before it reads what came meanwhile. */
  stall(ms: number): void {
    this.isStopped = true;
    this.run(ms);
    this.isStopped = false;
    this.give({ type: 'tick' });
  }

  kinds(): string[] {
    return this.raised.map(({ kind }) => kind);
  }

  /** The gateway is told to end, and starts again. */
  restart(downMs: number): void {
    this.give({ type: 'stopping' });
    this.run(100);
    this.crash();
    this.run(downMs);
    this.start();
  }

  kill(downMs: number): void {
    this.crash();
    this.run(downMs);
    this.start();
  }
}

test('a hold that was raised before a restart: its end, heard after it, belongs to it', () => {
  const tag = new HeldTag();
  tag.says(1, 'hold');
  tag.run(400);
  tag.kill(1_500);
  tag.says(1, 'single');
  expect(tag.kinds()).toEqual(['medical']);
});

test('a hold that was raised long before a restart: what is heard after it is a press of its own', () => {
  const tag = new HeldTag();
  tag.says(1, 'hold');
  tag.run(400);
  tag.kill(20_000);
  tag.says(1, 'long');
  expect(tag.kinds()).toEqual(['medical', 'medical']);
});

test('a hold that waits for its end is raised when the gateway is told to end, and its end belongs to it', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  tag.restart(500);
  expect(tag.kinds()).toEqual(['hold-up']);
  tag.says(0, 'single');
  tag.run(20_000);
  expect(tag.kinds()).toEqual(['hold-up']);
});

test('a hold that waits for its end outlives a kill: it is raised at the start', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  expect(tag.kinds()).toEqual([]);
  tag.kill(60_000);
  expect(tag.kinds()).toEqual(['hold-up']);
  tag.run(1_000);
  tag.kill(1_000);
  expect(tag.kinds()).toEqual(['hold-up']);
});

test('its end, heard after the kill, is told too if it means something else', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  tag.kill(1_000);
  tag.says(0, 'long');
  tag.run(1_000);
  expect(tag.kinds()).toEqual(['hold-up', 'medical']);
});

test('its record is read late: it is raised then, once, and a button that is held meanwhile goes on waiting', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  const { records } = tag.journal;
  tag.crash();
  tag.run(2_000);
  tag.startBlind();
  tag.run(60_000);
  tag.says(0, 'hold');
  tag.give({ type: 'lateRecords', records });
  expect(tag.kinds()).toEqual(['hold-up']);
  tag.run(900);
  tag.says(0, 'long');
  expect(tag.kinds()).toEqual(['hold-up', 'medical']);
});

test('of a button that the configuration has no more it is told, once', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  tag.crash();
  tag.start(site([device(101, { buttons: new Map() })], [path('central')]));
  tag.run(1_000);
  tag.kill(0);
  expect(tag.kinds()).toEqual([]);
  expect(tag.told).toEqual([expect.stringContaining('Press of wb-101, button 0, heard before the restart')]);
});

test('the sum of the journal keeps a hold until its alert is raised, and the last packet of the tag', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(200);
  const waiting = compacted(tag.journal.records);
  expect(waiting).toContainEqual(expect.objectContaining({ t: 'hold', device: 'wb-101', button: 0 }));
  expect(waiting.at(-1)).toMatchObject({ packets: { 'wb-101': [false, 1, expect.stringContaining('hold')] } });
  tag.run(5_000);
  expect(compacted(tag.journal.records).some(({ t }) => t === 'hold')).toBe(false);
});

test('a kill at the moment of a hold of a tag with a key does not make its repeats old', () => {
  const tag = device(101, { saysHowHoldEnds: true, heartbeatMs: 0, counterOnly: true, keyFingerprint: 'aa' });
  for (let seed = 1; seed <= 20; seed++) {
    const world = new SensorWorld(site([tag], [path('central')]), seed);
    world.counted('wb-101', 4, []);
    world.run(1_000);
    const hold = () => world.counted('wb-101', 5, [{ button: 0, pattern: 'hold' }]);
    hold();
    world.crash();
    world.start();
    hold();
    world.run(5_000);
    expect(world.raised.map(({ id }) => id)).toEqual(['wb-101.0.5']);
  }
});

test.each([
  ['before the drill is real', false],
  ['in the drill is part of it', true],
])('a hold that outlives a kill, heard %s', (_, isDrill) => {
  const tag = new HeldTag();
  const drill = { command: 'drill', action: 'start', scope: 'site', minutes: 15, reason: 'drill', by: 'kim' } as const;
  if (isDrill) tag.command(drill);
  tag.says(0, 'hold');
  if (!isDrill) tag.command(drill);
  tag.run(200);
  tag.kill(1_000);
  expect(tag.raised.map(({ mode }) => mode)).toEqual([isDrill ? 'drill' : 'live']);
});

test.each([0, 1])(
  'of button %i, an end that the gateway reads late, because it stood still, belongs to its hold',
  (button) => {
    const tag = new HeldTag();
    tag.says(button, 'hold');
    tag.run(8_000);
    tag.says(button, 'single', 7_100);
    expect(tag.kinds()).toHaveLength(1);
    tag.says(button, 'hold');
    tag.run(900);
    tag.says(button, 'single');
    expect(tag.kinds()).toHaveLength(2);
  },
);

test('a hold whose end waits unread after a stall raises what the end says, and nothing else', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(400);
  tag.stall(20_000);
  tag.says(0, 'long', 19_500);
  tag.run(20_000);
  expect(tag.kinds()).toEqual(['medical']);
});

test('a hold whose end is lost in a stall is raised a second after it', () => {
  const tag = new HeldTag();
  tag.says(0, 'hold');
  tag.run(400);
  tag.stall(20_000);
  tag.run(1_000);
  expect(tag.kinds()).toEqual(['hold-up']);
});
