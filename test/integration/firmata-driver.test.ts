import { afterEach, describe, expect, it } from 'vitest';
import { monoMs } from '../../gateway/system/clock.ts';
import { block, button, makeRig, type Rig, type RigSettings } from './firmata-rig.ts';

let rig: Rig;

afterEach(() => rig.close());

async function open(settings: RigSettings): Promise<Rig> {
  rig = makeRig(settings);
  rig.driver.start();
  await rig.up();
  return rig;
}

const LOBBY = button('lobby', '2');

describe('a button on a digital pin', () => {
  it('says how it is when the board is found, and each press and release at once', async () => {
    await open({ contacts: [LOBBY] });
    await rig.says('lobby', 'normal');
    const pressedMs = monoMs();
    rig.board.drive(2, 0);
    await rig.says('lobby', 'normal', 'active');
    const signal = rig.sink.signals.at(-1);
    expect(signal).toEqual({
      input: 'board',
      device: 'lobby',
      authenticated: false,
      capturedMs: expect.any(Number),
      body: { type: 'contact', of: 'button', number: 0, state: 'active' },
    });
    expect((signal?.capturedMs ?? 0) - pressedMs).toBeGreaterThan(0);
    rig.board.drive(2, undefined);
    await rig.says('lobby', 'normal', 'active', 'normal');
  });

  it('a press of 4 ms is not lost, a hundred times', async () => {
    await open({ contacts: [LOBBY] });
    await rig.says('lobby', 'normal');
    for (let i = 0; i < 100; i++) {
      rig.board.drive(2, 0);
      await new Promise((resolve) => setTimeout(resolve, 4));
      rig.board.drive(2, 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await rig.sink.until('the presses', () => rig.states('lobby').length === 201);
    expect(rig.states('lobby').slice(1)).toEqual(Array.from({ length: 100 }, () => ['active', 'normal']).flat());
  });

  it('a press and its release in one chunk both come through', async () => {
    await open({ contacts: [LOBBY] });
    await rig.says('lobby', 'normal');
    rig.pty().write(Uint8Array.of(0x90, 0x00, 0x00, 0x90, 0x04, 0x00));
    await rig.says('lobby', 'normal', 'active', 'normal');
  });

  it('a press of 4 ms while the event loop is held up for 40 ms is not lost', async () => {
    await open({ contacts: [LOBBY] });
    await rig.says('lobby', 'normal');
    rig.board.drive(2, 0);
    block(4);
    rig.board.drive(2, 1);
    block(36);
    await rig.says('lobby', 'normal', 'active', 'normal');
  });

  it('is not disturbed by the other pins of its port', async () => {
    await open({ contacts: [LOBBY, button('office', '3')] });
    await rig.says('office', 'normal');
    rig.board.drive(3, 0);
    await rig.says('office', 'active');
    expect(rig.states('lobby')).toEqual(['normal']);
  });

  it('normally closed, without a pull-up and on an analogue pin each mean what they are wired for', async () => {
    rig = makeRig({
      contacts: [
        button('door', '4', { of: 'point', contact: 'normallyClosed' }),
        button('outside', '5', { pull: 'none' }),
        button('analog', 'A1'),
      ],
    });
    rig.board.drive(4, 0);
    rig.board.drive(5, 1);
    rig.driver.start();
    await rig.up();
    await rig.sink.until(
      'all of them',
      () => rig.sink.signals.filter(({ body }) => body.type === 'contact').length === 3,
    );
    expect([...rig.states('door'), ...rig.states('outside'), ...rig.states('analog')]).toEqual(Array(3).fill('normal'));
    rig.board.drive(4, undefined);
    rig.board.drive(5, 0);
    rig.board.drive(15, 0);
    await Promise.all(['door', 'outside', 'analog'].map((device) => rig.says(device, 'normal', 'active')));
    expect(rig.board.isPulledUp(5)).toBe(false);
  });

  it('with a second line for cuts tells cut from pressed; both at once is pressed', async () => {
    await open({ contacts: [button('pull', '6', { contact: 'endOfLine', cutPin: '12' })] });
    await rig.says('pull', 'normal');
    rig.board.drive(12, 0);
    await rig.says('pull', 'cut');
    rig.board.drive(6, 0);
    await rig.says('pull', 'active');
    rig.board.drive(12, 1);
    rig.board.drive(6, 1);
    await rig.says('pull', 'normal');
    expect(rig.states('pull')).toEqual(['normal', 'cut', 'active', 'normal']);
  });
});

describe('a supervised loop on an analogue pin', () => {
  const LOOP = button('loop', 'A0', { contact: 'doubleEndOfLine', pull: 'none' });
  const PIN = 14;

  async function openLoop(settings: RigSettings = {}): Promise<void> {
    rig = makeRig({ contacts: [LOOP], ...settings });
    rig.board.loop(PIN, { ohms: 5_600 });
    rig.driver.start();
    await rig.says('loop', 'normal');
  }

  it.each([10, 12])('has four states, with a converter of %d bits', async (adcBits) => {
    await openLoop({ board: { adcBits } });
    rig.board.loop(PIN, { ohms: 11_200 });
    await rig.says('loop', 'active');
    rig.board.loop(PIN, 'open');
    await rig.says('loop', 'cut');
    rig.board.loop(PIN, { ohms: 5_600 });
    await rig.says('loop', 'normal');
    rig.board.loop(PIN, 'short');
    await rig.says('loop', 'short');
    expect(rig.states('loop')).toEqual(['normal', 'active', 'cut', 'normal', 'short']);
  });

  it('says pressed before it says cut, when the one is followed by the other', async () => {
    await openLoop();
    rig.pty().write(Uint8Array.of(0xe0, 682 & 0x7f, 682 >> 7, 0xe0, 1023 & 0x7f, 1023 >> 7));
    rig.board.loop(PIN, 'open');
    await rig.says('loop', 'normal', 'active', 'cut');
  });

  it('does not flutter at a limit', async () => {
    await openLoop();
    const heard = () => rig.driver.counters().framesHeard;
    for (const ratio of [0.57, 0.6, 0.57, 0.6, 0.56, 0.61]) {
      rig.board.analog(PIN, ratio);
      const before = heard();
      await new Promise<void>((resolve) => {
        const look = setInterval(() => {
          if (heard() < before + 3) return;
          clearInterval(look);
          resolve();
        }, 5);
      });
    }
    expect(rig.states('loop')).toEqual(['normal']);
  });

  it('with one resistor is pressed when short, and cut when open', async () => {
    rig = makeRig({ contacts: [button('loop', 'A0', { contact: 'endOfLine', pull: 'none' })] });
    rig.board.loop(PIN, { ohms: 5_600 });
    rig.driver.start();
    await rig.says('loop', 'normal');
    rig.board.loop(PIN, 'short');
    await rig.says('loop', 'active');
    rig.board.loop(PIN, 'open');
    await rig.says('loop', 'cut');
  });
});

describe('outputs', () => {
  const OUTPUTS = [
    { id: 'trouble', pin: '7', type: 'relay', activeLow: false },
    { id: 'strobe', pin: '8', type: 'relay', activeLow: true },
    { id: 'lamp', pin: '9', type: 'led', activeLow: false },
    { id: 'sounder', pin: 'A5', type: 'relay', activeLow: false },
    { id: 'inverted', pin: '13', type: 'led', activeLow: true },
  ] as const;
  const levels = () => [7, 8, 9, 19, 13].map((pin) => rig.board.outputs.get(pin));

  async function untilLevels(...wanted: number[]): Promise<void> {
    const stop = rig.board.onOutput(() => rig.sink.check());
    await rig.sink.until(`levels ${wanted.join()}`, () => levels().join() === wanted.join());
    stop();
  }

  it('are off when the board is found, go on and off, and are off after stop', async () => {
    await open({ contacts: [LOBBY], outputs: OUTPUTS });
    await untilLevels(0, 1, 0, 0, 1);
    for (const { id } of OUTPUTS) rig.driver.output(id, true);
    await untilLevels(1, 0, 255, 1, 0);
    rig.driver.output('strobe', false);
    await untilLevels(1, 1, 255, 1, 0);
    rig.driver.output('no such output', true);
    await rig.driver.stop();
    await untilLevels(0, 1, 0, 0, 1);
  });

  it('do not switch the pull-up of an input of their port on', async () => {
    rig = makeRig({ contacts: [button('outside', '5', { pull: 'none' })], outputs: OUTPUTS });
    rig.board.drive(5, 1);
    rig.driver.start();
    await rig.says('outside', 'normal');
    rig.driver.output('trouble', true);
    await untilLevels(1, 1, 0, 0, 1);
    expect(rig.board.isPulledUp(5)).toBe(false);
  });
});

describe('a pin that can not do what it is for', () => {
  it('is told of its device and in the health; the others work', async () => {
    await open({
      contacts: [
        LOBBY,
        button('far', '40'),
        button('digital', '3', { contact: 'doubleEndOfLine' }),
        button('serial', '0'),
        button('down', '4', { pull: 'down' }),
      ],
      outputs: [{ id: 'strobe', pin: '1', type: 'relay', activeLow: false }],
    });
    const faults = rig.sink.signals.flatMap(({ device, body }) =>
      body.type === 'fault' ? [[device, body.detail]] : [],
    );
    expect(faults).toEqual([
      ['lobby', undefined],
      ['far', 'there is no pin 40: it has 0 to 19 and A0 to A5'],
      ['digital', 'pin 3 has no analogue input'],
      ['serial', "pin 0 can't be an input"],
      ['down', 'pin 4 has no pull-down: wire the contact to ground, and write pull: up'],
    ]);
    expect(rig.sink.states).toEqual(['up']);
    expect(rig.sink.healths[0]?.detail).toContain("pin 1 can't be an output");
    expect(rig.sink.healths[0]?.outputFaults).toEqual([{ output: 'strobe', detail: "pin 1 can't be an output" }]);
    expect(rig.sink.healths[0]?.detail).toContain('StandardFirmata 2.5 answers, but there is no pin 40');
    await rig.says('lobby', 'normal');
    rig.board.drive(2, 0);
    await rig.says('lobby', 'active');
  });
});

it('1,000 changes: milliseconds from the byte written to the signal', async () => {
  await open({ contacts: [LOBBY], pollMs: 1_000 });
  await rig.says('lobby', 'normal');
  const tookMs: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    const heard = new Promise<void>((resolve) => {
      rig.sink.onSignal = () => resolve();
    });
    const writtenMs = performance.now();
    rig.board.drive(2, i % 2 === 0 ? 0 : 1);
    await heard;
    tookMs.push(performance.now() - writtenMs);
  }
  tookMs.sort((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [tookMs[500], tookMs[990]];
  process.stdout.write(
    `firmata: byte written -> signal, 1,000 changes: p50 ${p50.toFixed(3)} p99 ${p99.toFixed(3)} ms\n`,
  );
  expect(p50).toBeLessThan(20);
});
