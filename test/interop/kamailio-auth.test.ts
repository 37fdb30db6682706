import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { acknowledged, attemptOf, pollOf, SipRig, settingsFor } from '../integration/sip-rig.ts';
import { kamailioHead } from './kamailio-config.ts';
import { counterpart } from './required.ts';
import { isInstalled, SipProgram } from './sipp-process.ts';

const installed = isInstalled('kamailio');
const { skip, title } = counterpart('kamailio', installed, 'apt-get install kamailio');

const account = { user: 'gw-1', password: 'secret of gw-1' };

/**
 * A proxy that asks for credentials (407), and the server behind it that asks as well (401),
 * written for Kamailio.
 */
const config = (port: number, algorithm: string, more: string) => `${kamailioHead(port)}
loadmodule "auth.so"
modparam("auth", "secret", "0123456789")
modparam("auth", "algorithm", "${algorithm}")
modparam("auth", "qop", "auth")
${more}
request_route {
  xlog("L_ALERT", "request $rm\\n");
  if (!pv_proxy_authenticate("proxy.example", "${account.password}", "0")) { proxy_challenge("proxy.example", "1"); exit; }
  if (!pv_www_authenticate("centre.example", "${account.password}", "0")) { www_challenge("centre.example", "1"); exit; }
  sl_send_reply("200", "OK");
}
`;

describe.skipIf(skip)(`${title} that asks for credentials`, () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    while (cleanups.length > 0) await cleanups.pop()?.();
  });

  async function asking(algorithm: string, more = '', password = account.password) {
    if (!installed) throw new Error(title);
    const kamailio = new SipProgram();
    cleanups.push(() => kamailio.stop());
    const port = await freePort();
    const file = join(kamailio.directory, 'kamailio.cfg');
    writeFileSync(file, config(port, algorithm, more));
    const places = ['-Y', kamailio.directory, '-w', kamailio.directory];
    kamailio.start('kamailio', ['-DD', '-E', '-f', file, ...places, '-m', '16', '-M', '4']);
    await kamailio.listening(port);
    const rig = new SipRig(settingsFor(port, { account: { ...account, password } }));
    cleanups.push(() => rig.driver.stop());
    return { kamailio, rig, requests: () => kamailio.output.match(/request (MESSAGE|OPTIONS)/g)?.length ?? 0 };
  }

  test.each(['MD5', 'SHA-256'])('is answered by %s for both realms, and then at once', async (algorithm) => {
    const { kamailio, rig, requests } = await asking(algorithm);
    expect(await rig.send(attemptOf(1)), kamailio.output).toEqual(acknowledged);
    await expect.poll(requests).toBe(3);
    expect(await rig.send(pollOf(2)), kamailio.output).toEqual(acknowledged);
    await expect.poll(requests).toBe(4);
  });

  test('with nonces for one request takes each message', async () => {
    const once = 'modparam("auth", "one_time_nonce", 1)\nmodparam("auth", "nid_pool_no", 1)';
    const { kamailio, rig } = await asking('MD5', once);
    for (const attempt of [1, 2, 3]) expect(await rig.send(attemptOf(attempt)), kamailio.output).toEqual(acknowledged);
  });

  test('refuses a wrong password, which is told', async () => {
    const { rig } = await asking('SHA-256', '', 'guess');
    expect(await rig.send(attemptOf(1))).toMatchObject({
      type: 'failed',
      detail: expect.stringContaining('does not accept our user and password (Digest SHA-256, realm proxy.example)'),
    });
  });
});
