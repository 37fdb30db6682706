import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import type { FarEnd } from '../../device-sim/site/far-end.ts';
import { startSipFarEnd } from '../../device-sim/site/sip-far-end.ts';
import type { SimulatedPath } from '../../device-sim/site/site-file.ts';
import { attemptOf, createSipStand, settingsFor } from './sip-rig.ts';

const stand = createSipStand();
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  await stand.close();
  while (cleanups.length > 0) await cleanups.pop()?.();
});

/** The far end of a path as `sim receiver` runs it. */
async function farEndWith(user?: string): Promise<{ readonly end: FarEnd; readonly port: number }> {
  const port = await freePort();
  const written = { id: 'psap', driver: 'sip', host: '127.0.0.1', port, transport: 'tcp', ...(user && { user }) };
  const path: SimulatedPath = { id: 'psap', driver: 'sip', written, secret: 'secret of gw-1' };
  const end = await startSipFarEnd(path, {});
  cleanups.push(() => end.close());
  return { end, port };
}

test('a tester makes the far end of a SIP path refuse and ask in each of its ways, and well again', async () => {
  const { end, port } = await farEndWith('gw-1');
  const account = { user: 'gw-1', password: 'secret of gw-1' };
  const rig = stand.rigWith(settingsFor(port, { account }));
  const outcomes: Record<string, string> = {};
  let attempt = 0;
  for (const how of [...end.ownBehaviours, 'normal']) {
    await end.behave(how);
    attempt += 1;
    const outcome = await rig.send(attemptOf(attempt));
    outcomes[how] = outcome.type === 'failed' ? `failed: ${/SIP \d{3}/.exec(outcome.detail)?.[0]}` : outcome.type;
  }
  const statuses = [302, 403, 404, 405, 408, 415, 486, 500, 503, 600];
  const taken = ['progress', 'proxyThenServer', 'oneTimeNonces', 'nextNonce'].concat([
    ...['md5Sess', 'sha256Sess', 'sha512Sess', 'noQop', 'normal'],
  ]);
  expect(outcomes).toEqual({
    ...Object.fromEntries(statuses.map((status) => [`refuse${status}`, `failed: SIP ${status}`])),
    ...Object.fromEntries(taken.map((how) => [how, 'receiverAcknowledged'])),
    retryAfter: 'failed: SIP 503',
    relayed: 'handedOver',
    failPolls: 'failed: SIP 503',
    refuseMessages: 'failed: SIP 403',
    ...Object.fromEntries(['staleNonces', 'unknownAlgorithm', 'basic'].map((how) => [how, 'failed: SIP 407'])),
  });
});

test('what it cannot do is told to the tester', async () => {
  const { end } = await farEndWith();
  await expect(end.behave('dance')).rejects.toThrow('There are:\n  normal, refuse');
  await expect(end.behave('md5Sess')).rejects.toThrow('write user:');
});
