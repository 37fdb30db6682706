import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SipReceiver, startSipReceiver } from '../../device-sim/sip/receiver.ts';
import type { AlertDocument, PathDocument } from '../../protocol/mqtt-documents.ts';
import { MANNERS, paths } from './support/far-end-paths.ts';
import { madePair } from './support/made-certificates.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/**
 * One gateway, and on each path a far end that behaves as some in the field do, made so by the
 * manners of `sim behave`. The tests run side by side: each has paths and wall nodes of its own.
 */
const directory = mkdtempSync(join(tmpdir(), 'callpoint-far-ends-'));
let whole: WholeGateway;
let desk: SipReceiver;
let ids: readonly string[];
const pressed = new Map<string, number>();

beforeAll(async () => {
  const authority = madePair({ subject: 'authority' });
  desk = await startSipReceiver({ port: 0 });
  const all = await paths(directory, desk.port);
  ids = all.map(({ id }) => id);
  whole = await WholeGateway.start({
    rooms: 3 * ids.length,
    path: '    supervision: { mode: "null", intervalSeconds: 3600 }',
    paths: all,
    played: ids.filter((id) => id !== 'sip-403'),
    manners: MANNERS,
    tls: madePair({ subject: 'receiver', issuer: authority }),
    more: 'deadlines: { nextPathSeconds: 0.5, notConfirmedSeconds: 1 }',
    prepare: (site) => writeFileSync(join(site.directory, 'ca.pem'), authority.certificate),
  });
  await whole.ready();
});
afterAll(async () => {
  await whole?.stop();
  await desk.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A wall node of its own for each press, so that none waits behind another. */
function press(path: string): string {
  const before = pressed.get(path) ?? 0;
  pressed.set(path, before + 1);
  return whole.press(`wb-${101 + ids.indexOf(path) + before * ids.length}`, path);
}

function shown(path: string, id: string): number {
  return whole.ends.of(path).displayed.filter((one) => one.id === id).length;
}

const link = (path: string, met: (link: PathDocument) => boolean) => whole.mqtt.until(`link/${path}/status`, met);

/** The alert, once the path has accepted it. */
function accepted(id: string, path: string): Promise<AlertDocument> {
  return whole.mqtt.alert(id, ({ paths }) => ['acknowledged', 'handedOver'].includes(paths[path]?.state ?? ''));
}

const attempts = async (id: string, path: string) => (await accepted(id, path)).paths[path]?.attempts;

async function until(path: string, condition: () => boolean): Promise<void> {
  await whole.ends.of(path).until(condition);
}

describe.concurrent('a far end that fails polls and takes each message when it comes again has an alarm', () => {
  test.each(['hook-403', 'sip'])('%s', async (path) => {
    await whole.mqtt.path(path, 'down');
    const id = press(path);
    expect((await whole.mqtt.acknowledged(id)).paths).toMatchObject({ [path]: { attempts: 2 } });
    expect(shown(path, id)).toBe(1);
  });

  test('sms', async () => {
    await whole.mqtt.path('sms', 'down');
    const id = press('sms');
    expect(await accepted(id, 'sms')).toMatchObject({ paths: { sms: { state: 'handedOver', attempts: 2 } } });
    expect(whole.ends.of('sms').displayed).toHaveLength(1);
  });
});

describe.concurrent('what a far end says ends no alarm', () => {
  test.each(['page', 'mess'])('SNPP 554 to %s', async (path) => {
    expect(await attempts(press(path), path)).toBeGreaterThan(1);
    expect(whole.ends.of(path).displayed).toHaveLength(1);
  });

  test.each(['sms-513', 'sms-305'])('%s', async (path) => {
    expect(await attempts(press(path), path)).toBe(2);
    expect(whole.ends.of(path).displayed).toHaveLength(1);
  });
});

describe.concurrent('a path is not up while reports are refused', () => {
  test('404 to polls proves nothing, and 404 to a report is down', async () => {
    await link('hook-404', ({ state, detail }) => state === 'unknown' && detail.includes('404'));
    const id = press('hook-404');
    await whole.mqtt.path('hook-404', 'down');
    expect(await whole.mqtt.alert(id, (alert) => alert.not_confirmed)).toMatchObject({ state: 'sent' });
    const states = whole.mqtt.said.flatMap(({ place, document }) =>
      place === 'link/hook-404/status' ? [(document as PathDocument).state] : [],
    );
    expect(states).not.toContain('up');
    await whole.ends.of('hook-404').behave('normal');
    await whole.mqtt.acknowledged(id);
    await whole.mqtt.path('hook-404', 'up');
    expect(shown('hook-404', id)).toBe(1);
  });

  test('200 to polls and 403 to a report is down, whatever the polls say', async () => {
    await whole.mqtt.path('sip-403', 'up');
    await desk.behave({ type: 'refuseMessages', status: 403 });
    const id = press('sip-403');
    await whole.mqtt.path('sip-403', 'down');
    const polls = () => desk.requests.filter(({ method }) => method === 'OPTIONS').length;
    const before = polls();
    await desk.until(() => polls() > before);
    await link('sip-403', ({ state, detail }) => state === 'down' && detail.includes('it answers polls, but refused'));
    const ups = whole.log.filter((line) => line.event === 'path.up' && JSON.stringify(line).includes('"sip-403"'));
    expect(ups).toHaveLength(1);
    expect(desk.displayed.filter(({ identifier }) => identifier === id)).toEqual([]);
  });
});

test.concurrent('a receiver that is silent to NULL: the words name NULL and the setting, and an alarm proves it', async () => {
  await link('silent', ({ state, detail }) => state === 'down' && /NULL.*supervision: \{ mode: test \}/.test(detail));
  const id = press('silent');
  expect(await whole.mqtt.acknowledged(id)).toMatchObject({ not_confirmed: false, paths: { silent: { attempts: 1 } } });
  await link('silent', ({ state }) => state !== 'down');
  expect(shown('silent', id)).toBe(1);
});

test.concurrent('a CAP Error in a 200 refuses, with its note; 202 hands over; Ack acknowledges', async () => {
  const end = whole.ends.of('cap');
  await end.behave('capError');
  const refused = press('cap');
  await whole.mqtt.alert(refused, (alert) => alert.not_confirmed);
  await link('cap', ({ detail }) => detail.includes('sender not authorised'));
  await end.behave('relayed');
  const relayed = press('cap');
  expect((await accepted(relayed, 'cap')).paths).toMatchObject({ cap: { state: 'handedOver' } });
  await end.behave('capAck');
  await whole.mqtt.acknowledged(press('cap'));
});

test.concurrent('a modem that writes blanks is up, and its texts go out at the first try', async () => {
  await whole.mqtt.path('sms-blanks', 'up');
  expect(await attempts(press('sms-blanks'), 'sms-blanks')).toBe(1);
});

test.concurrent('a modem whose radio is off is switched on', async () => {
  expect(await attempts(press('sms-cfun'), 'sms-cfun')).toBe(1);
});

test.concurrent('a TNC in command mode is brought into KISS mode; an acknowledgement by an igate counts', async () => {
  await whole.mqtt.acknowledged(press('radio'));
  await whole.ends.of('radio').behave('ackByIgate');
  expect(await attempts(press('radio'), 'radio')).toBe(1);
  expect(whole.ends.of('radio').displayed.filter(({ text }) => text.includes('Alarm over radio'))).toHaveLength(2);
});

test.concurrent('a TAP terminal without ID=, and one whose queue is full, which is told as such', async () => {
  expect(await attempts(press('tap'), 'tap')).toBe(1);
  await whole.ends.of('tap').behave('queueFullOnce');
  const id = press('tap');
  await link('tap', ({ detail }) => detail.includes('512'));
  expect(await attempts(id, 'tap')).toBe(2);
});

test.concurrent('a webhook behind a proxy, with a header of the site’s own', async () => {
  const id = press('proxied');
  await whole.mqtt.acknowledged(id);
  expect(shown('proxied', id)).toBe(1);
});

test.concurrent('a server that offers HTTP/2 only is named as such', async () => {
  await link('http2', ({ state, detail }) => state === 'down' && detail.includes('HTTP/1.1'));
  await whole.ends.of('http2').behave('normal');
  await whole.mqtt.acknowledged(press('http2'));
});

test.concurrent('SIP 415 is told with its number, and the alarm goes out once the receiver takes it', async () => {
  await whole.ends.of('sip-415').behave('refuse415');
  const id = press('sip-415');
  await link('sip-415', ({ detail }) => detail.includes('415'));
  await whole.mqtt.alert(id, (alert) => alert.not_confirmed);
  await whole.ends.of('sip-415').behave('normal');
  await whole.mqtt.acknowledged(id);
  await until('sip-415', () => shown('sip-415', id) === 1);
});
