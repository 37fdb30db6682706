import { afterEach, describe, expect, test } from 'vitest';
import type { TapBehaviour, TapTraits } from '../../device-sim/paging/tap-behaviour.ts';
import { TapTerminal } from '../../device-sim/paging/tap-terminal.ts';
import { createTapDriver } from '../../gateway/paths/tap/driver.ts';
import type { TapSettings } from '../../gateway/paths/tap/settings.ts';
import { attemptOf, Cleanups, HANDED_OVER, onTcp, PAGE, PATIENT, PathRig, QUICK, tapSettings } from './tap-rig.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.close());

async function start(extra: Partial<TapSettings> = {}, traits: Partial<TapTraits> = {}, times = PATIENT) {
  const terminal = new TapTerminal(traits);
  await terminal.listen(0);
  cleanups.add(() => terminal.close());
  const settings = tapSettings(onTcp(terminal.port), extra);
  const rig = new PathRig((sink) => createTapDriver(settings, sink, { times }));
  cleanups.add(() => rig.driver.stop());
  return { terminal, rig };
}

/** The driver waits in vain for an answer. */
const SILENT: ReadonlySet<TapBehaviour['type']> = new Set(['hang', 'garbage', 'halfAnswer', 'noId']);
const ALWAYS = Number.POSITIVE_INFINITY;
const failed = (reason: string) => ({ type: 'failed', reason });

describe('a terminal that misbehaves', () => {
  test.each<[TapBehaviour, object, number]>([
    [{ type: 'refuse' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'knock' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'logon' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'block' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'end' }, HANDED_OVER, 1],
    [{ type: 'drop', at: 'knock' }, failed('closed'), 0],
    [{ type: 'drop', at: 'logon' }, failed('closed'), 0],
    [{ type: 'drop', at: 'block' }, failed('closed'), 0],
    [{ type: 'drop', at: 'end' }, HANDED_OVER, 1],
    [{ type: 'disconnect', at: 'logon' }, failed('refused'), 0],
    [{ type: 'disconnect', at: 'block' }, failed('closed'), 0],
    [{ type: 'disconnect', at: 'block', code: 512 }, failed('closed'), 0],
    [{ type: 'disconnect', at: 'block', code: 511 }, { type: 'notUnderstood' }, 0],
    [{ type: 'garbage', at: 'knock' }, failed('protocolError'), 0],
    [{ type: 'garbage', at: 'logon' }, failed('protocolError'), 0],
    [{ type: 'garbage', at: 'block' }, failed('protocolError'), 0],
    [{ type: 'nak', at: 'logon', times: 2 }, HANDED_OVER, 1],
    [{ type: 'nak', at: 'logon', times: ALWAYS }, failed('refused'), 0],
    [{ type: 'nak', at: 'block', times: 3 }, HANDED_OVER, 1],
    [{ type: 'nak', at: 'block', times: 4 }, failed('protocolError'), 0],
    [{ type: 'nak', at: 'block', times: 1, code: 512 }, failed('refused'), 0],
    [{ type: 'nak', at: 'block', times: 1, code: 511 }, { type: 'notUnderstood' }, 0],
    [{ type: 'noId' }, failed('unreachable'), 0],
    [{ type: 'chatter' }, HANDED_OVER, 1],
    [{ type: 'oddParity' }, HANDED_OVER, 1],
    [{ type: 'rs', code: 506 }, failed('refused'), 0],
    [{ type: 'rs', code: 599 }, failed('refused'), 0],
    [{ type: 'rs' }, { type: 'notUnderstood' }, 0],
    [{ type: 'rs', code: 511 }, { type: 'notUnderstood', detail: expect.stringContaining('pager 5551212') }, 0],
    [{ type: 'rs', code: 512 }, { ...failed('refused'), detail: expect.stringContaining('512') }, 0],
    [{ type: 'lateRejection' }, { type: 'notUnderstood' }, 0],
    [{ type: 'lateRejection', code: 516 }, failed('refused'), 0],
    [{ type: 'halfAnswer' }, failed('unreachable'), 0],
    [{ type: 'vanishAfterAccepting', times: 1 }, failed('closed'), 1],
    [{ type: 'ackTwice' }, HANDED_OVER, 1],
    [{ type: 'slow', ms: 20 }, HANDED_OVER, 1],
  ])('%j ends the call as it should, and the next one works when it is well', async (how, outcome, taken) => {
    const { terminal, rig } = await start({}, {}, SILENT.has(how.type) ? QUICK : PATIENT);
    await terminal.behave(how);
    expect(await rig.send(attemptOf(1))).toMatchObject(outcome);
    expect(terminal.pages).toHaveLength(taken);
    await terminal.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2, { sequence: 8 }))).toEqual(HANDED_OVER);
    expect(rig.outcomes).toHaveLength(2);
  });

  test('accepting and vanishing shows the reader the same page twice, with the same number', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'vanishAfterAccepting', times: 1 });
    expect(await rig.send(attemptOf(1))).toMatchObject(failed('closed'));
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(terminal.shown).toMatchObject([{ message: PAGE, times: 2 }]);
  });

  test('a full queue is told as such, not as a damaged line, and the block is not sent again at once', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'nak', at: 'block', code: 512, times: ALWAYS });
    const words = 'pager 5551212 was refused by the terminal (512 Temporarily cannot deliver, try later)';
    expect(await rig.send(attemptOf(1))).toEqual({ type: 'failed', reason: 'refused', detail: words });
    await terminal.until((one) => one.count('ended') === 1);
    await terminal.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
  });

  test('a terminal without ID= is named with what to write, and works with it', async () => {
    const asked = await start({}, { noId: true }, QUICK);
    const words = 'If it never sends ID=, write idPrompt: false';
    expect(await asked.rig.send(attemptOf(1))).toMatchObject({ detail: expect.stringContaining(words) });
    const unasked = await start({ idPrompt: false }, { noId: true, password: '' });
    expect(await unasked.rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(unasked.terminal.shown).toMatchObject([{ message: PAGE, times: 1 }]);
  });

  test('idPrompt: false does no harm where a terminal asks after all', async () => {
    const { terminal, rig } = await start({ idPrompt: false }, { asksFirst: true });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown).toHaveLength(1);
  });

  test('a page refused with RS is not sent again in the same call', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'rs', code: 511 });
    await rig.send(attemptOf(1));
    expect(terminal.count('block')).toBe(1);
  });
});

describe('several pagers', () => {
  test('one unknown: the others have it, and the outcome says which has not', async () => {
    const { terminal, rig } = await start({ pagers: ['1', '2', '3'] }, { pagers: ['1', '3'] });
    expect(await rig.send(attemptOf(1))).toEqual({
      type: 'notUnderstood',
      detail: 'pager 2 was refused by the terminal (511 Unknown pager ID); accepted for 1, 3',
    });
    expect(terminal.shown.map(({ pager }) => pager)).toEqual(['1', '3']);
  });

  test('one that can not be reached now: only that one is called again', async () => {
    const { terminal, rig } = await start({ pagers: ['1', '2', '3'] });
    await terminal.behave({ type: 'rs', code: 512, pager: '2' });
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'failed', detail: expect.stringContaining('pager 2') });
    await terminal.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(terminal.pages.map(({ pager }) => pager)).toEqual(['1', '3', '2']);
  });

  test('the call breaks off after the first: only the others are called again', async () => {
    const { terminal, rig } = await start({ pagers: ['1', '2'] }, { pagesPerCall: 1 });
    const outcome = await rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('accepted for 1') });
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(terminal.pages.map(({ pager }) => pager)).toEqual(['1', '2']);
  });

  test('an ACK given twice never stands for the next pager', async () => {
    const { terminal, rig } = await start({ pagers: ['1', '2', '3'] });
    await terminal.behave({ type: 'ackTwice' });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(terminal.shown.map(({ pager }) => pager)).toEqual(['1', '2', '3']);
  });
});

describe('a call that is abandoned', () => {
  test('is ended as TAP ends one, says nothing more, and frees the line for the next', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'nak', at: 'block', times: ALWAYS });
    rig.driver.send(attemptOf(1));
    await terminal.until((one) => one.count('connected') === 1);
    rig.driver.abandon(1);
    await terminal.until((one) => one.count('disconnected') === 1);
    await terminal.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(rig.outcomes.map(([attempt]) => attempt)).toEqual([2]);
  });

  test('in the middle of a page gets EOT', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'hang', at: 'block' });
    rig.driver.send(attemptOf(1));
    await terminal.until((one) => one.count('block') === 1);
    rig.driver.abandon(1);
    await terminal.until((one) => one.count('ended') === 1);
  });

  test('after the page was accepted does not page again', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'hang', at: 'end' });
    rig.driver.send(attemptOf(1));
    await terminal.until((one) => one.count('ended') === 1);
    rig.driver.abandon(1);
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(terminal.pages).toHaveLength(1);
  });

  test('before it began is forgotten', async () => {
    const { terminal, rig } = await start();
    const first = rig.send(attemptOf(1));
    rig.driver.send(attemptOf(2, { sequence: 8 }));
    rig.driver.abandon(2);
    expect(await first).toEqual(HANDED_OVER);
    expect(await rig.send(attemptOf(3, { sequence: 9 }))).toEqual(HANDED_OVER);
    expect(terminal.shown.map(({ message }) => message.slice(-2))).toEqual(['#7', '#9']);
  });
});

describe('a driver that is stopped', () => {
  test('in the middle of a call ends it, and says nothing more', async () => {
    const { terminal, rig } = await start();
    await terminal.behave({ type: 'hang', at: 'block' });
    rig.driver.send(attemptOf(1));
    await terminal.until((one) => one.count('call') === 1);
    await rig.driver.stop();
    await terminal.until((one) => one.connections === 0);
    rig.driver.send(attemptOf(2));
    expect(rig.outcomes).toEqual([]);
  });
});

test('a host without a known address is told as that', async () => {
  const settings = tapSettings({ type: 'tcp', host: 'pager.invalid', port: 1, connectTimeoutMs: 100 });
  const lookup = () => Promise.reject(new Error('no such host'));
  const rig = new PathRig((sink) => createTapDriver(settings, sink, { lookup, times: QUICK }));
  cleanups.add(() => rig.driver.stop());
  expect(await rig.send(attemptOf(1))).toMatchObject(failed('noAddress'));
});
