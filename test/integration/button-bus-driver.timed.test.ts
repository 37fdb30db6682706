import { afterEach, describe, expect, it } from 'vitest';
import type { BusLine } from '../../device-sim/nodes/bus-line.ts';
import { garbage } from '../../device-sim/nodes/line-faults.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { DownCounters } from '../../gateway/inputs/button-bus/down-counters.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { Message } from '../../protocol/button-bus/message.ts';
import { frame, KEY, makeLine, makeRig, NODE, type Rig, type RigSettings } from './button-bus-rig.ts';

let rig: Rig;
let line: BusLine | undefined;

async function open(settings: RigSettings = {}): Promise<Rig> {
  rig = makeRig(settings);
  rig.driver.start();
  await rig.sink.until('the port to open', () => rig.sink.states.includes('up'));
  return rig;
}

afterEach(async () => {
  line?.stop();
  line = undefined;
  await rig.close();
});

/** Frames that the driver wrote, opened with the node's key. */
function listenDown(): { epoch: number; counter: number; message: Message | undefined }[] {
  const heard: { epoch: number; counter: number; message: Message | undefined }[] = [];
  const scanner = new FrameScanner();
  rig.pty().onData((bytes) => {
    scanner.push(
      bytes,
      (body) => {
        const result = parseFrame(body);
        if (!result.ok) throw new Error(`the driver wrote a broken frame: ${result.fault}`);
        const { epoch, counter } = result.frame.header;
        heard.push({ epoch, counter, message: openFrame(nodeAesCcm, KEY, result.frame) });
      },
      () => expect.fail('the driver wrote a run too long to be a frame'),
    );
    rig.sink.check();
  });
  return heard;
}

describe('a press on a real serial line', () => {
  it('reaches the sink with its identity and proof within milliseconds, and its answer lights the LED', async () => {
    await open({ answer: 'accepted' });
    line = makeLine();
    const lit: string[] = [];
    line.onLed((_id, led) => {
      lit.push(led);
      rig.sink.check();
    });
    line.attach(rig.pty());
    await rig.sink.until('hello', () => rig.sink.signals.some((signal) => signal.body.type === 'hello'));
    const madeMs = monoMs();
    const pressed = line.press(NODE.id, 2, 'long');
    await rig.sink.until('the LED', () => lit.length > 0);
    expect(lit).toEqual(['green']);
    expect(rig.sink.presses[0]).toMatchObject({
      input: 'bus',
      device: 'lobby',
      authenticated: true,
      identity: pressed,
      body: { type: 'press', button: 2, pattern: 'long' },
    });
    const latencyMs = (rig.sink.presses[0]?.capturedMs ?? Infinity) - madeMs;
    expect(latencyMs).toBeGreaterThan(0);
    // It comes before the node would have repeated; a few tenths of a millisecond on an idle
    // machine.
    expect(latencyMs).toBeLessThan(80);
  });

  it('is heard byte by byte as well', async () => {
    await open();
    for (const byte of frame(1)) {
      rig.pty().write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    await rig.sink.until('the press', () => rig.sink.presses.length === 1);
    expect(rig.driver.counters()).toMatchObject({ framesHeard: 1, framesRejected: 0, bytesRead: frame(1).length });
  });

  it('is heard with a thousand others in one burst, in order', async () => {
    await open();
    for (let counter = 1; counter <= 1_000; counter++) rig.pty().write(frame(counter));
    await rig.sink.until('1,000 presses', () => rig.sink.presses.length === 1_000);
    expect(rig.sink.presses.map((signal) => signal.identity?.counter)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i + 1),
    );
    expect(rig.pty().droppedBytes).toBe(0);
  });
});

describe('noise on the line', () => {
  it('a bit flip never raises a press: each is rejected, delimiters too, and the next good frame is heard', async () => {
    await open();
    const good = frame(1);
    for (let bit = 0; bit < good.length * 8; bit++) {
      const flipped = Uint8Array.from(good);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const rejectedBefore = rig.driver.counters().framesRejected;
      rig.pty().write(flipped);
      rig.pty().write(frame(bit + 2));
      await rig.sink.until(`the frame after flip ${bit}`, () => rig.sink.presses.length === bit + 1);
      expect(rig.sink.presses.at(-1)?.identity?.counter).toBe(bit + 2);
      expect(rig.driver.counters().framesRejected).toBeGreaterThan(rejectedBefore);
    }
    expect(rig.sink.signals).toHaveLength(good.length * 8);
    expect(rig.sink.unknown).toHaveLength(0);
    expect(rig.driver.counters()).toMatchObject({ framesHeard: good.length * 8, framesUnknown: 0 });
  });

  it('a frame that ends early is rejected, and the next good frame is heard', async () => {
    await open();
    const good = frame(1);
    // At least two bytes are missing: if only the delimiter is, the next frame's leading one
    // completes it.
    for (let length = 2; length < good.length - 1; length++) {
      rig.pty().write(good.subarray(0, length));
      rig.pty().write(frame(length));
    }
    const cut = good.length - 3;
    await rig.sink.until('the good frames', () => rig.sink.presses.length === cut);
    expect(rig.sink.presses.every((signal) => signal.identity?.counter !== 1)).toBe(true);
    expect(rig.driver.counters()).toMatchObject({ framesRejected: cut, framesHeard: cut });
  });

  it('64 kB of garbage raise nothing, and the frame behind them is heard', async () => {
    await open();
    const random = seededRandom(20);
    for (let i = 0; i < 64; i++) {
      rig.pty().write(garbage(1_024, random));
      while (rig.pty().waitingBytes > 0) await new Promise(setImmediate);
    }
    rig.pty().write(frame(9));
    await rig.sink.until('the press', () => rig.sink.signals.length > 0);
    expect(rig.sink.signals).toHaveLength(1);
    expect(rig.sink.signals[0]?.identity?.counter).toBe(9);
    const counters = rig.driver.counters();
    expect(counters.bytesRead).toBe(65_536 + frame(9).length);
    expect(counters.framesRejected).toBeGreaterThan(100);
    expect(Object.values(counters.faults).reduce((sum, n) => sum + n)).toBe(counters.framesRejected);
    expect(rig.sink.unknown).toHaveLength(0);
    expect(rig.sink.states).toEqual(['up']);
  });

  it('our own frames, heard back on a two-wire line, are counted apart and raise nothing', async () => {
    await open();
    const header = { address: NODE.address, epoch: 3, counter: 1 };
    rig.pty().write(sealFrame(nodeAesCcm, KEY, header, { type: 'poll', nodeEpoch: NODE.epoch }));
    rig.pty().write(frame(1));
    await rig.sink.until('the press', () => rig.sink.presses.length === 1);
    expect(rig.sink.unknown).toHaveLength(0);
    expect(rig.driver.counters()).toMatchObject({ downFramesHeard: 1, framesHeard: 1, framesRejected: 0 });
  });
});

describe('a frame that proves nothing', () => {
  it('from an address that is not enrolled is told as such, never as a signal', async () => {
    await open();
    rig.pty().write(frame(4, undefined, { address: 99 }));
    await rig.sink.until('the unknown', () => rig.sink.unknown.length === 1);
    expect(rig.sink.signals).toHaveLength(0);
    expect(rig.sink.unknown[0]).toMatchObject({
      input: 'bus',
      address: '99',
      reason: 'notEnrolled',
      says: 'press',
      identity: { epoch: NODE.epoch, counter: 4 },
    });
    expect(rig.sink.unknown[0]).not.toHaveProperty('serial');
  });

  it('under another key is told as not authentic, never as a signal', async () => {
    await open();
    rig.pty().write(frame(4, undefined, { key: new Uint8Array(16) }));
    await rig.sink.until('the unknown', () => rig.sink.unknown.length === 1);
    expect(rig.sink.signals).toHaveLength(0);
    expect(rig.sink.unknown[0]).toMatchObject({ address: String(NODE.address), reason: 'notAuthentic', says: 'press' });
    expect(rig.driver.counters()).toMatchObject({ framesUnknown: 1, framesRejected: 0 });
  });

  it('tells its serial number if it is a hello', async () => {
    await open();
    const serial = '00a1b2c3d4e5f607';
    const hello = { type: 'hello', serial, model: 2, firmware: '1.4', buttons: 1, points: 0 } as const;
    rig.pty().write(frame(1, hello, { address: 40 }));
    await rig.sink.until('the unknown', () => rig.sink.unknown.length === 1);
    expect(rig.sink.unknown[0]).toMatchObject({ says: 'hello', reason: 'notEnrolled', serial });
  });
});

describe('what the driver says to the nodes', () => {
  it('is a poll of every node when the port opens, and answers under a counter that only rises', async () => {
    rig = makeRig();
    const heard = listenDown();
    rig.driver.start();
    await rig.sink.until('the poll', () => heard.length === 1);
    expect(heard[0]).toEqual({ epoch: 3, counter: 1, message: { type: 'poll', nodeEpoch: 0xffff_ffff } });
    const statuses = ['heard', 'sent', 'notConfirmed', 'accepted'] as const;
    for (const [index, status] of statuses.entries()) {
      rig.driver.answer('lobby', { epoch: 7, counter: 12 }, status);
      await rig.sink.until('the answer', () => heard.length === index + 2);
    }
    expect(heard.slice(1)).toEqual(
      statuses.map((status, i) => ({
        epoch: 3,
        counter: i + 2,
        message: { type: 'ack', nodeEpoch: 7, counter: 12, status },
      })),
    );
  });

  it('is no poll before the number of the session may be used', async () => {
    let mayBeUsed = false;
    let asked = 0;
    const counters = new DownCounters(() => {
      asked += 1;
      rig.sink.check();
      return mayBeUsed;
    });
    rig = makeRig({ counters });
    const heard = listenDown();
    rig.driver.start();
    await rig.sink.until('the driver to ask three times', () => asked >= 3);
    // A frame that was sealed before would have the first number.
    rig.driver.answer('lobby', { epoch: 7, counter: 12 }, 'heard');
    await rig.sink.until('the answer', () => heard.length === 1);
    expect(heard[0]).toMatchObject({ counter: 1, message: { type: 'ack' } });
    mayBeUsed = true;
    await rig.sink.until('the poll', () => heard.length === 2);
    expect(heard[1]).toEqual({ epoch: 3, counter: 2, message: { type: 'poll', nodeEpoch: 0xffff_ffff } });
  });

  it('is only the newest of what one turn of the event loop has to say about a press', async () => {
    await open();
    const heard = listenDown();
    for (const status of ['heard', 'sent', 'accepted'] as const)
      rig.driver.answer('lobby', { epoch: 7, counter: 12 }, status);
    rig.driver.answer('lobby', { epoch: 7, counter: 13 }, 'heard');
    await rig.sink.until('the answers', () =>
      heard.some(({ message }) => message?.type === 'ack' && message.counter === 13),
    );
    const acks = heard.flatMap(({ message }) => (message?.type === 'ack' ? [[message.counter, message.status]] : []));
    expect(acks).toEqual([
      [12, 'accepted'],
      [13, 'heard'],
    ]);
  });

  it('neither blocks nor grows when the port takes nothing, and reading goes on', async () => {
    await open();
    // Nothing reads the line, so the system's buffer fills up in several steps.
    rig.pty().pause();
    let sent = 0;
    const pressing = setInterval(() => {
      for (let i = 0; i < 200; i++, sent++) rig.driver.answer('lobby', { epoch: 7, counter: sent }, 'heard');
    }, 5);
    await rig.sink.until('a word about it', () => rig.sink.healths.at(-1)?.detail.includes('takes no output') === true);
    clearInterval(pressing);
    rig.pty().write(frame(1));
    await rig.sink.until('the press', () => rig.sink.presses.length === 1);
    // 1,024 wait here. The system holds some 24 kB of frames of 37 bytes.
    expect(rig.driver.counters().answersDropped).toBeGreaterThan(sent - 1_024 - 1_000);
    const heard = listenDown();
    rig.pty().resume();
    await rig.sink.until('the all-clear', () => rig.sink.healths.length === 3);
    expect(rig.sink.healths.map((health) => health.state)).toEqual(['up', 'up', 'up']);
    expect(rig.sink.healths[2]?.detail).toBe(rig.sink.healths[0]?.detail);
    await rig.sink.until('the newest answer', () => {
      const last = heard.at(-1)?.message;
      return last?.type === 'ack' && last.counter === sent - 1;
    });
  });

  it('is nothing at all for a device that is not on this line', async () => {
    await open();
    const heard = listenDown();
    rig.driver.answer('elsewhere', { epoch: 1, counter: 1 }, 'heard');
    rig.driver.answer('lobby', { epoch: 1, counter: 1 }, 'heard');
    await rig.sink.until('the answer', () => heard.some((down) => down.message?.type === 'ack'));
    expect(heard.filter((down) => down.message?.type === 'ack')).toHaveLength(1);
  });
});
