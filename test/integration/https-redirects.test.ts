import { afterEach, describe, expect, test } from 'vitest';
import type { Inbox } from '../../device-sim/https/inbox.ts';
import { alarm } from '../unit/cap/cap-reports.ts';
import { acknowledged, certificates, createStand, until } from './cap-rig.ts';

const stand = createStand();
afterEach(stand.close);

const tls = { ca: certificates.authority, own: certificates.client };
const headers = { authorization: 'Bearer a-token', 'x-api-key': 'k-1' };
const account = { user: 'gw-1', password: 'a password' };

const secure = () => stand.inbox({ tls: certificates.server });
const at = (inbox: Inbox, path = '/hook') => `https://127.0.0.1:${inbox.port}${path}`;
const redirect = (location: string | undefined, status = 307, more = {}) => ({
  type: 'status' as const,
  status,
  ...(location === undefined ? {} : { location }),
  ...more,
});

describe('redirects that the site allows', () => {
  test.each([307, 308])('%i is followed with the same method, body and proofs on the same server', async (status) => {
    const inbox = await secure();
    await inbox.behave(redirect('/moved?to=1', status, { exceptAt: '/moved?to=1' }));
    const rig = stand.webhook({ url: at(inbox), tls, headers, redirects: 1 });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(await rig.poll()).toEqual(acknowledged);
    expect(inbox.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /hook',
      'POST /moved?to=1',
      'HEAD /hook',
      'HEAD /moved?to=1',
    ]);
    for (const request of inbox.requests) expect(request.headers).toMatchObject(headers);
    expect(inbox.displayed).toHaveLength(1);
    expect(rig.outcomes.sentAttempts).toEqual([1, 2]);
  });

  test('another server gets the report, and nothing that proves us to the first', async () => {
    const other = await stand.inbox({ tls: certificates.server });
    const inbox = await stand.inbox({ tls: { ...certificates.server, clientCa: certificates.authority } });
    await inbox.behave(redirect(at(other, '/there')));
    const rig = stand.webhook({ url: at(inbox), tls, headers, account, redirects: 2 });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    expect(other.displayed.map(({ key }) => key)).toEqual([alarm.id]);
    expect(other.requests).toHaveLength(1);
    for (const name of Object.keys(headers)) expect(other.requests[0]?.headers).not.toHaveProperty(name);
  });

  test('another server that asks for a password does not get it', async () => {
    const other = await stand.inbox({ tls: certificates.server, digest: account });
    const inbox = await secure();
    await inbox.behave(redirect(at(other)));
    const rig = stand.webhook({ url: at(inbox), tls, account, redirects: 2 });
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', detail: expect.stringContaining('401') });
    expect(other.requests.map(({ headers: { authorization } }) => authorization)).toEqual([undefined]);
  });

  test('another server that asks for a certificate does not get ours', async () => {
    const other = await stand.inbox({ tls: { ...certificates.server, clientCa: certificates.authority } });
    const inbox = await secure();
    await inbox.behave(redirect(at(other)));
    expect(await stand.webhook({ url: at(inbox), tls, redirects: 1 }).send(alarm)).toMatchObject({ type: 'failed' });
    expect(other.posts).toEqual([]);
  });

  test('another server whose certificate proves nothing gets nothing', async () => {
    const other = await stand.inbox({ tls: certificates.stranger });
    const inbox = await secure();
    await inbox.behave(redirect(at(other)));
    const outcome = await stand.webhook({ url: at(inbox), tls, redirects: 1 }).send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('authority') });
    expect(other.requests).toEqual([]);
  });

  test('another server is found by its name', async () => {
    const other = await secure();
    const inbox = await secure();
    await inbox.behave(redirect(`https://moved.callpoint.test:${other.port}/`));
    const lookup = async () => ['127.0.0.1'];
    const rig = stand.webhook({ url: at(inbox), tls, redirects: 1 }, {}, { lookup });
    // The certificate is for the address: the refused name proves that the connection was made.
    expect(await rig.send(alarm)).toMatchObject({ detail: expect.stringContaining('for another name') });
  });

  test('a name without an address is told after the time for a connection', async () => {
    const inbox = await secure();
    await inbox.behave(redirect('https://moved.callpoint.test/'));
    const lookup = () => new Promise<string[]>(() => undefined);
    const rig = stand.webhook({ url: at(inbox), tls, redirects: 1, connectTimeoutMs: 500 }, {}, { lookup });
    await until(inbox, 'a warm connection', () => inbox.connections === 1);
    expect(await rig.send(alarm)).toMatchObject({ type: 'failed', reason: 'noAddress' });
  });

  test.each<[string, string | undefined, string]>([
    ['to http', 'http://127.0.0.1:1/', 'not https'],
    ['nowhere', undefined, 'does not say where'],
    ['to no URL', 'https://', 'no URL'],
    ['to another scheme', 'file:///etc/passwd', 'not https'],
    ['with a password', 'https://gw:pw@127.0.0.1/', 'user name'],
    ['to itself for ever', '/hook', 'again and again'],
    ['very far', `/${'x'.repeat(3000)}`, 'no URL'],
  ])('a redirect %s is not followed', async (_what, location, words) => {
    const inbox = await secure();
    await inbox.behave(redirect(location));
    const rig = stand.webhook({ url: at(inbox), tls, redirects: 3 });
    for (const outcome of [await rig.send(alarm), await rig.poll()]) {
      expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringContaining(words) });
    }
  });

  test.each([301, 302, 303])('%i, which would lose the report, is not followed', async (status) => {
    const inbox = await secure();
    await inbox.behave(redirect('/moved', status, { exceptAt: '/moved' }));
    const outcome = await stand.webhook({ url: at(inbox), tls, redirects: 3 }).send(alarm);
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringContaining('elsewhere') });
    expect(inbox.requests).toHaveLength(1);
  });

  test('servers without end are not all remembered', async () => {
    const others = await Promise.all(Array.from({ length: 6 }, secure));
    const inbox = await secure();
    const rig = stand.webhook({ url: at(inbox), tls, redirects: 1 });
    for (const other of [...others, ...others]) {
      await inbox.behave(redirect(at(other)));
      expect(await rig.send(alarm)).toEqual(acknowledged);
    }
    await rig.driver.stop();
    for (const other of others) expect(other.displayed).toHaveLength(1);
  });
});
