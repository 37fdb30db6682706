import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { type SnppBehaviour, SnppServer, type SnppServerOptions } from '../../device-sim/paging/snpp-server.ts';
import { createSnppDriver } from '../../gateway/paths/snpp/driver.ts';
import type { SnppSettings } from '../../gateway/paths/snpp/settings.ts';
import { SNPP_TIMES } from '../../protocol/paging/snpp-dialogue.ts';
import { attemptOf, Cleanups, HANDED_OVER, PAGE, PathRig, pollOf } from './tap-rig.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.close());

const QUICK = { replyMs: 150, sendMs: 150 };
const LOGIN = { user: 'gateway', password: 'secret' };
const failed = (reason: string) => ({ type: 'failed', reason });

async function start(options: SnppServerOptions = {}, extra: Partial<SnppSettings> = {}, times = SNPP_TIMES) {
  const server = new SnppServer(options);
  await server.listen(0);
  cleanups.add(() => server.close());
  const settings: SnppSettings = {
    driver: 'snpp',
    id: 'pagers',
    host: '127.0.0.1',
    port: server.port,
    pagers: ['5551212'],
    characters: 80,
    connectTimeoutMs: 500,
    ...extra,
  };
  const rig = new PathRig((sink) => createSnppDriver(settings, sink, { times }));
  cleanups.add(() => rig.driver.stop());
  return { server, rig };
}

describe('a page', () => {
  test('is handed over: its words, then the number all pages of the report have', async () => {
    const { server, rig } = await start();
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(server.shown).toMatchObject([{ pager: '5551212', message: PAGE, times: 1 }]);
    expect(server.commands).toEqual(['PAGE', 'MESS', 'SEND', 'QUIT']);
    expect(rig.sent).toEqual([1]);
    await server.until(({ connections }) => connections === 0);
  });

  test('goes to each pager over one connection', async () => {
    const { server, rig } = await start({}, { pagers: ['1', '2', '3'] });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(server.shown.map(({ pager }) => pager)).toEqual(['1', '2', '3']);
    expect(server.commands.filter((verb) => verb === 'QUIT')).toHaveLength(1);
  });

  test('to a server that wants a login', async () => {
    const right = await start({ login: LOGIN }, { login: LOGIN });
    expect(await right.rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    const wrong = await start({ login: LOGIN }, { login: { user: 'gateway', password: 'guess' } });
    const outcome = await wrong.rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ ...failed('refused'), detail: expect.stringContaining('user and password') });
    expect(JSON.stringify(outcome)).not.toContain('guess');
    const none = await start({ login: LOGIN });
    expect(await none.rig.send(attemptOf(1))).toMatchObject({ detail: expect.stringContaining('write user:') });
  });

  test('to some pagers the server has and one it has not: the outcome says which', async () => {
    const { server, rig } = await start({ pagers: ['1', '3'] }, { pagers: ['1', '2', '3'] });
    expect(await rig.send(attemptOf(1))).toEqual({
      type: 'notUnderstood',
      detail: 'pager 2 was refused by the server at PAGE (550 Error, invalid pager ID); accepted for 1, 3',
    });
    expect(server.shown.map(({ pager }) => pager)).toEqual(['1', '3']);
  });
});

describe('over TLS', () => {
  const pem = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
  const tls = () => ({ cert: pem('https-server.cert.pem'), key: pem('https-server.key.pem') });

  test('to a server whose authority is known', async () => {
    const { server, rig } = await start({ tls: tls() }, { tls: { ca: pem('https-ca.pem'), serverName: 'localhost' } });
    expect(await rig.send(attemptOf(1))).toEqual(HANDED_OVER);
    expect(server.shown).toHaveLength(1);
  });

  test('but not to one that can not prove who it is', async () => {
    const { server, rig } = await start({ tls: tls() }, { tls: { serverName: 'localhost' } });
    expect(await rig.send(attemptOf(1))).toMatchObject(failed('refused'));
    expect(server.commands).toEqual([]);
  });
});

test('a poll greets, logs in and leaves', async () => {
  const { server, rig } = await start({ login: LOGIN }, { login: LOGIN });
  expect(await rig.send(pollOf(1))).toEqual(HANDED_OVER);
  expect(server.commands).toEqual(['LOGI', 'QUIT']);
  await server.behave({ type: 'refuse' });
  expect(await rig.send(pollOf(2))).toMatchObject(failed('unreachable'));
});

describe('a server that misbehaves', () => {
  const SILENT: ReadonlySet<SnppBehaviour['type']> = new Set(['hang', 'halfAnswer', 'drip']);
  const answer = (at: 'greeting' | 'PAGE' | 'MESS' | 'SEND' | 'QUIT', line: string) =>
    ({ type: 'answer', at, line }) as const;

  test.each<[SnppBehaviour, object, number]>([
    [{ type: 'refuse' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'greeting' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'PAGE' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'MESS' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'SEND' }, failed('unreachable'), 0],
    [{ type: 'hang', at: 'QUIT' }, HANDED_OVER, 1],
    [{ type: 'drop', at: 'greeting' }, failed('closed'), 0],
    [{ type: 'drop', at: 'MESS' }, failed('closed'), 0],
    [{ type: 'drop', at: 'SEND' }, failed('closed'), 0],
    [{ type: 'drop', at: 'QUIT' }, HANDED_OVER, 1],
    [{ type: 'halfAnswer', at: 'SEND' }, failed('unreachable'), 0],
    [{ type: 'drip', at: 'SEND', ms: 1 }, failed('unreachable'), 1],
    [answer('greeting', '421 Gateway service unavailable'), failed('refused'), 0],
    [answer('greeting', 'HTTP/1.1 400 Bad Request'), failed('protocolError'), 0],
    [answer('PAGE', '550 Invalid pager ID'), { type: 'notUnderstood' }, 0],
    [answer('MESS', '550 Too long'), { type: 'notUnderstood' }, 0],
    [answer('PAGE', '554 Error, failed (database busy, try again)'), failed('refused'), 0],
    [answer('PAGE', '552 Maximum entries exceeded'), failed('refused'), 0],
    [answer('MESS', '554 Error, failed (spool full)'), failed('refused'), 0],
    [answer('MESS', '503 Error, already entered'), failed('refused'), 0],
    [answer('SEND', '780 Timed out'), failed('refused'), 0],
    [answer('MESS', '500 What?'), failed('protocolError'), 0],
    [answer('SEND', '554 Failed'), failed('refused'), 0],
    [answer('SEND', '421 Too many errors'), failed('refused'), 0],
    [answer('SEND', '860 17 42 Delivered'), HANDED_OVER, 1],
    [answer('SEND', '960 17 42 Queued'), HANDED_OVER, 1],
    [{ type: 'vanishAfterAccepting', times: 1 }, failed('closed'), 1],
    [{ type: 'answerTwice' }, HANDED_OVER, 1],
    [{ type: 'slow', ms: 20 }, HANDED_OVER, 1],
  ])('%j ends the call as it should, and the next one works when it is well', async (how, outcome, taken) => {
    const { server, rig } = await start({}, {}, SILENT.has(how.type) ? QUICK : SNPP_TIMES);
    await server.behave(how);
    expect(await rig.send(attemptOf(1))).toMatchObject(outcome);
    expect(server.pages).toHaveLength(taken);
    await server.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2, { sequence: 8 }))).toEqual(HANDED_OVER);
    expect(rig.outcomes).toHaveLength(2);
  });

  test('accepting and vanishing shows the reader the same page twice, with the same number', async () => {
    const { server, rig } = await start();
    await server.behave({ type: 'vanishAfterAccepting', times: 1 });
    await rig.send(attemptOf(1));
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(server.shown).toMatchObject([{ message: PAGE, times: 2 }]);
  });

  test('a call that is abandoned ends with QUIT and says nothing more', async () => {
    const { server, rig } = await start();
    await server.behave({ type: 'hang', at: 'SEND' });
    rig.driver.send(attemptOf(1));
    await server.until(({ commands }) => commands.includes('SEND'));
    rig.driver.abandon(1);
    await server.until(({ commands }) => commands.includes('QUIT'));
    await server.behave({ type: 'normal' });
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(rig.outcomes.map(([attempt]) => attempt)).toEqual([2]);
  });
});

describe('a refusal', () => {
  test.each(['PAGE', 'MESS', 'SEND'] as const)(
    'with 554 at %s passes: the third call gets the page out',
    async (at) => {
      const { server, rig } = await start();
      await server.behave({ type: 'answer', at, line: '554 Error, failed (spool full)', times: 2 });
      for (const attempt of [1, 2]) {
        const words = `refused by the server at ${at} (554 Error, failed (spool full))`;
        expect(await rig.send(attemptOf(attempt))).toMatchObject({
          ...failed('refused'),
          detail: expect.stringContaining(words),
        });
      }
      expect(await rig.send(attemptOf(3))).toEqual(HANDED_OVER);
      expect(server.shown).toMatchObject([{ message: PAGE, times: 1 }]);
    },
  );

  test('that lasts ends nothing: the pager is asked again with the next attempt, those that have the page are not', async () => {
    const { server, rig } = await start({}, { pagers: ['1', '2', '3'] });
    await server.behave({ type: 'answer', at: 'PAGE', line: '550 Error, invalid pager ID', pager: '2', times: 1 });
    expect(await rig.send(attemptOf(1))).toMatchObject({ type: 'notUnderstood' });
    expect(server.shown.map(({ pager }) => pager)).toEqual(['1', '3']);
    expect(await rig.send(attemptOf(2))).toEqual(HANDED_OVER);
    expect(server.shown.map(({ pager, times }) => [pager, times])).toEqual([
      ['1', 1],
      ['3', 1],
      ['2', 1],
    ]);
  });

  test('that lasts waits while others may still accept', async () => {
    const { server, rig } = await start({ pagers: ['1', '2'] }, { pagers: ['1', '2', '3'] });
    await server.behave({ type: 'answer', at: 'PAGE', line: '554 busy', pager: '2', times: 1 });
    expect(await rig.send(attemptOf(1))).toMatchObject(failed('refused'));
    const asked = () => server.commands.filter((verb) => verb === 'PAGE').length;
    expect(asked()).toBe(3);
    // Only 2 gets it: pager 3 is unknown, and 1 has it.
    expect(await rig.send(attemptOf(2))).toMatchObject({ type: 'notUnderstood' });
    expect(asked()).toBe(4);
  });
});
