import { describe, expect, test } from 'vitest';
import { AirChannel, type AirStation } from '../../../device-sim/radio/air-channel.ts';
import { duplexPair } from '../../../device-sim/radio/duplex.ts';
import { KissTnc } from '../../../device-sim/radio/kiss-tnc.ts';
import { RadioDesk, roomsIn } from '../../../device-sim/radio/radio-desk.ts';
import { RadioReceiver } from '../../../device-sim/radio/radio-receiver.ts';
import { RadioWorld } from '../../../device-sim/radio/radio-world.ts';
import { frameAirMs } from '../../../protocol/radio/air-time.ts';
import { ManualTime } from './manual-time.ts';

const KEY = { txDelayMs: 300, txTailMs: 100 };
const FRAME = new Uint8Array(60).fill(0x55);
const AIR_MS = frameAirMs(FRAME, { ...KEY, bitsPerSecond: 1200 });

function station(): AirStation & { readonly frames: Uint8Array[] } {
  const frames: Uint8Array[] = [];
  return { frames, heard: (frame) => void frames.push(frame) };
}

function channelWith(options: { loss?: number; collisions?: boolean; seed?: number } = {}) {
  const time = new ManualTime();
  const channel = new AirChannel({ bitsPerSecond: 1200, scheduler: time, seed: 1, ...options });
  const [a, b, c] = [station(), station(), station()];
  for (const one of [a, b, c]) channel.join(one);
  return { time, channel, a, b, c };
}

describe('the channel', () => {
  test('a frame is heard by all others when its time on the air is over', () => {
    const { time, channel, a, b, c } = channelWith();
    channel.transmit(a, FRAME, KEY, () => undefined);
    time.pass(AIR_MS - 1);
    expect([b.frames.length, channel.busy]).toEqual([0, true]);
    time.pass(2);
    expect([a.frames.length, b.frames, c.frames, channel.busy]).toEqual([0, [FRAME], [FRAME], false]);
    expect(channel.airMsOf(a)).toBeCloseTo(AIR_MS);
  });

  test('two frames at once destroy each other', () => {
    const { time, channel, a, b, c } = channelWith();
    channel.transmit(a, FRAME, KEY, () => undefined);
    time.pass(100);
    channel.transmit(b, FRAME, KEY, () => undefined);
    time.pass(10_000);
    expect([a, b, c].map((one) => one.frames.length)).toEqual([0, 0, 0]);
    expect(channel.collisions).toBe(2);
  });

  test('without collisions who does not transmit hears both', () => {
    const { time, channel, a, b, c } = channelWith({ collisions: false });
    channel.transmit(a, FRAME, KEY, () => undefined);
    channel.transmit(b, FRAME, KEY, () => undefined);
    time.pass(10_000);
    expect(c.frames).toHaveLength(2);
  });

  test('loses the same frames for the same seed', () => {
    const run = (seed: number) => {
      const { time, channel, a, b } = channelWith({ loss: 0.5, seed });
      return Array.from({ length: 20 }, () => {
        const before = b.frames.length;
        channel.transmit(a, FRAME, KEY, () => undefined);
        time.pass(10_000);
        return b.frames.length - before;
      });
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});

describe('the TNC', () => {
  test('takes the parameters its host sets and sends one frame after the other', () => {
    const time = new ManualTime();
    const channel = new AirChannel({ bitsPerSecond: 1200, scheduler: time, seed: 1 });
    const tnc = new KissTnc({ channel, scheduler: time, seed: 1 });
    const far = station();
    channel.join(far);
    const [host, plug] = duplexPair();
    tnc.plug(plug);
    host.write(Uint8Array.of(0xc0, 1, 30, 0xc0, 2, 255, 0xc0, 3, 10, 0xc0, 4, 10, 0xc0));
    expect(tnc.parameters).toEqual({ txDelayMs: 300, persistence: 255, slotMs: 100, txTailMs: 100 });
    for (let count = 0; count < 3; count++) host.write(Uint8Array.of(0xc0, 0, ...FRAME, 0xc0));
    time.pass(2.5 * AIR_MS);
    expect(far.frames).toHaveLength(2);
    time.pass(AIR_MS);
    expect(far.frames).toHaveLength(3);
  });

  test('listens before it talks: two that want to send at once mostly both get through', () => {
    const time = new ManualTime();
    const world = new RadioWorld({ scheduler: time, detectMs: 20 });
    const [host, plug] = duplexPair();
    world.plug(plug);
    const gateway = new RadioReceiver({ callsign: 'N0CALL-9', tnc: host, scheduler: time });
    for (let count = 0; count < 50; count++) {
      gateway.say('N0CALL-1', `down ${count}`, String(count));
      world.receiver.say('N0CALL-9', `up ${count}`, String(count));
      time.pass(10_000);
    }
    expect(world.receiver.shown.length).toBeGreaterThan(35);
    expect(gateway.shown.length).toBeGreaterThan(35);
    expect(world.channel.collisions).toBeGreaterThan(0);
  });
});

describe('the desk', () => {
  test('shows a message once, however often it is heard, until it is long over', () => {
    const desk = new RadioDesk();
    expect(desk.accept('A', '1', 'x', 0)).toBe(true);
    expect(desk.accept('A', '1', 'x', 60_000)).toBe(false);
    expect(desk.accept('B', '1', 'x', 60_000)).toBe(true);
    expect(desk.accept('A', '1', 'another', 3_600_000)).toBe(true);
    expect(desk.shown.map(({ copies }) => copies)).toEqual([2, 1, 1]);
  });

  test.each([
    ['Intruder, Main building, Floor 1, Rm 101 Reception', ['101']],
    ['DRILL: Intruder A: 3 more, Rm 102, 103, B12', ['102', '103', 'B12']],
    ['Intruder: 3 more, Rm 102, 103 ...', ['102', '103']],
    ['Intruder, Rm 5; doors not secured: Rm 102 Office open, Rm 7 unlocked', ['5', '102', '7']],
    ['no room', []],
  ])('%j names rooms %j', (text, rooms) => {
    expect(roomsIn(text)).toEqual(rooms);
  });
});

test('on a 1200 Bd channel with usual parameters an acknowledgement is back within 4 s, 98 times of 100', () => {
  const time = new ManualTime();
  const usual = { txDelayMs: 300, txTailMs: 100, slotMs: 100, persistence: 63 };
  const world = new RadioWorld({ scheduler: time, farParameters: usual });
  const [host, plug] = duplexPair();
  world.plug(plug);
  host.write(Uint8Array.of(0xc0, 1, 30, 0xc0, 4, 10, 0xc0));
  const gateway = new RadioReceiver({ callsign: 'N0CALL-9', tnc: host, scheduler: time });
  let inTime = 0;
  for (let count = 1; count <= 500; count++) {
    gateway.say('N0CALL-1', 'Intruder, Main building, Second floor, Rm 203 Chemistry', String(count));
    time.pass(4_000);
    if (gateway.acknowledged.at(-1) === String(count)) inTime += 1;
    time.pass(10_000);
  }
  expect(inTime).toBeGreaterThan(490);
});
