import { afterEach, describe, expect, test } from 'vitest';
import type { TapTraits } from '../../device-sim/paging/tap-behaviour.ts';
import { TapTerminal } from '../../device-sim/paging/tap-terminal.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { createTapDriver } from '../../gateway/paths/tap/driver.ts';
import type { TapSettings } from '../../gateway/paths/tap/settings.ts';
import { attemptOf, Cleanups, HANDED_OVER, onTcp, PAGE, PATIENT, PathRig, pollOf, tapSettings } from './tap-rig.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.close());

function rigWith(settings: TapSettings, times = PATIENT): PathRig {
  const rig = new PathRig((sink) => createTapDriver(settings, sink, { times }));
  cleanups.add(() => rig.driver.stop());
  return rig;
}

async function overTcp(traits: Partial<TapTraits> = {}, extra: Partial<TapSettings> = {}) {
  const terminal = new TapTerminal(traits);
  await terminal.listen(0);
  cleanups.add(() => terminal.close());
  return { terminal, rig: rigWith(tapSettings(onTcp(terminal.port), extra)) };
}

function onSerialPort(framing: '7E1' | '8N1', traits: Partial<TapTraits> = {}, times = PATIENT) {
  const cable = openPseudoTerminal();
  const terminal = new TapTerminal(traits);
  terminal.plug(cable);
  cleanups.add(() => cable.close());
  cleanups.add(() => terminal.close());
  const rig = rigWith(tapSettings({ type: 'serial', port: cable.path, baudRate: 9600, framing }), times);
  return { cable, terminal, rig };
}

/** The port is opened in the background. */
async function handedOverOnceOpen(rig: PathRig): Promise<void> {
  // This is far from the numbers of other tests: a port that opens late sees hundreds of attempts.
  for (let attempt = 10_000; ; attempt++) {
    const outcome = await rig.send(attemptOf(attempt));
    if (outcome.type === 'handedOver') return;
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('not open yet') });
  }
}

describe('a page over TCP', () => {
  test('is handed over: its words, then the number all pages of the report have', async () => {
    const { terminal, rig } = await overTcp();
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown).toMatchObject([{ pager: '5551212', message: PAGE, times: 1 }]);
    expect(rig.sent).toEqual([1]);
    expect(rig.outcomes).toHaveLength(1);
  });

  test('leaves the line free afterwards', async () => {
    const { terminal, rig } = await overTcp();
    await rig.send(attemptOf(1));
    await terminal.until(({ connections }) => connections === 0);
    expect(terminal.count('ended')).toBe(1);
  });

  test.each<[string, Partial<TapTraits>]>([
    ['banner and CRLF', { banner: 'Welcome\r\nto Example Paging', lineEnd: '\r\n', afterId: '\r\n' }],
    ['LFCR', { lineEnd: '\n\r' }],
    ['LF alone', { lineEnd: '\n' }],
    ['ID= before it was asked', { asksFirst: true }],
    ['no response codes, as before 1.6', { codes: false }],
    ['the parity bit still in', { parity: 'mark' }],
    ['no goodbye', { noGoodbye: true }],
    ['one block a transaction', { oneBlock: true }],
  ])('to a terminal with %s', async (_, traits) => {
    const { terminal, rig } = await overTcp(traits);
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown).toMatchObject([{ message: PAGE, times: 1 }]);
  });

  test('goes to each pager in one call', async () => {
    const { terminal, rig } = await overTcp({}, { pagers: ['1', '2', '3'] });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown.map(({ pager }) => pager)).toEqual(['1', '2', '3']);
    expect(terminal.count('connected')).toBe(1);
  });

  test('goes to each pager in a call of its own where the terminal takes one page a call', async () => {
    const { terminal, rig } = await overTcp({ pagesPerCall: 1 }, { pagers: ['1', '2', '3'], transactionsPerCall: 1 });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown.map(({ pager }) => pager)).toEqual(['1', '2', '3']);
    expect(terminal.count('connected')).toBe(3);
  });

  test('longer than a block is continued in a second one, or cut for a terminal that takes no second', async () => {
    const text = `Intruder, ${'a very long name of a building, '.repeat(12)}Rm 101`;
    const long = attemptOf(1);
    const attempt = { ...long, report: { ...attemptOf(1).report, text } } as typeof long;
    const whole = await overTcp({}, { characters: 500 });
    expect(await whole.rig.send(attempt)).toEqual(HANDED_OVER);
    expect(whole.terminal.shown).toMatchObject([{ message: `${text} #7` }]);
    expect(whole.terminal.count('block')).toBe(2);
    const cut = await overTcp({ oneBlock: true }, { characters: 500, oneBlock: true });
    expect(await cut.rig.send(attempt)).toEqual(HANDED_OVER);
    expect(cut.terminal.shown[0]?.message).toMatch(/^Intruder.*\.\.\. #7$/);
    expect(cut.terminal.count('block')).toBe(1);
  });

  test('with a password', async () => {
    const right = await overTcp({ password: 'SECRET' }, { password: 'SECRET' });
    expect(await right.rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    const wrong = await overTcp({ password: 'SECRET' }, { password: 'GUESS1' });
    const outcome = await wrong.rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining('509') });
    expect(JSON.stringify(outcome)).not.toContain('GUESS1');
    expect(wrong.terminal.pages).toEqual([]);
  });

  test('waits for the call before it', async () => {
    const { terminal, rig } = await overTcp();
    const both = [rig.send(attemptOf(1)), rig.send(attemptOf(2, { sequence: 8 }))];
    expect(await Promise.all(both)).toEqual([HANDED_OVER, HANDED_OVER]);
    expect(terminal.shown.map(({ message }) => message.slice(-2))).toEqual(['#7', '#8']);
    expect(terminal.count('connected')).toBe(2);
  });
});

describe('a poll', () => {
  test('logs on and pages nobody', async () => {
    const { terminal, rig } = await overTcp({ password: 'SECRET' }, { password: 'SECRET' });
    expect(await rig.send(pollOf(1))).toEqual(HANDED_OVER);
    expect(terminal.pages).toEqual([]);
    expect(terminal.count('ended')).toBe(1);
  });

  test('finds a terminal that is away', async () => {
    const { terminal, rig } = await overTcp();
    await terminal.behave({ type: 'refuse' });
    expect(await rig.send(pollOf(1))).toMatchObject({ type: 'failed', reason: 'unreachable' });
    await terminal.behave({ type: 'normal' });
    expect(await rig.send(pollOf(2))).toEqual(HANDED_OVER);
  });
});

describe('a page on a serial port', () => {
  test.each(['7E1', '8N1'] as const)('%s is handed over', async (framing) => {
    const { terminal, rig } = onSerialPort(framing, { parity: framing === '8N1' ? 'mark' : 'none' });
    await handedOverOnceOpen(rig);
    expect(terminal.shown).toMatchObject([{ message: PAGE, times: 1 }]);
  });

  test('and the next one go over the same open port', async () => {
    const { terminal, rig } = onSerialPort('7E1');
    await handedOverOnceOpen(rig);
    expect(await rig.send(attemptOf(101, { sequence: 8 }))).toEqual(HANDED_OVER);
    expect(terminal.shown).toHaveLength(2);
  });

  test('whose terminal is off fails soon, and is handed over when it is on again', async () => {
    const { cable, terminal, rig } = onSerialPort('7E1', {}, { ...PATIENT, knockMs: 100 });
    await handedOverOnceOpen(rig);
    terminal.unplug();
    expect(await rig.send(attemptOf(101, { sequence: 8 }))).toMatchObject({
      type: 'failed',
      reason: 'unreachable',
      detail: expect.stringContaining('switched on'),
    });
    terminal.plug(cable);
    expect(await rig.send(attemptOf(102, { sequence: 8 }))).toEqual(HANDED_OVER);
  });

  test('that went away in the middle of the call fails', async () => {
    const { cable, terminal, rig } = onSerialPort('7E1');
    await handedOverOnceOpen(rig);
    await terminal.behave({ type: 'hang', at: 'block' });
    rig.driver.send(attemptOf(101, { sequence: 8 }));
    await terminal.until((one) => one.count('call') === 2);
    cable.close();
    const outcome = await rig.outcome(101);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('went away') });
    expect(await rig.send(attemptOf(102))).toMatchObject({ type: 'failed', reason: 'unreachable' });
  });
});
