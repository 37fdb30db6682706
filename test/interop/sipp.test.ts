import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { acknowledged, attemptOf, pollOf, SipRig, settingsFor } from '../integration/sip-rig.ts';
import { counterpart } from './required.ts';
import { isInstalled, SipProgram } from './sipp-process.ts';

const installed = isInstalled('sipp');
const { skip, title } = counterpart('sipp', installed, 'apt-get install sip-tester');

/** A condition that the message must meet. If it does not, SIPp ends with a failure. */
interface Check {
  readonly header?: string;
  readonly matches: string;
}

const MESSAGE: readonly Check[] = [
  {
    header: 'Call-Info:',
    matches: 'cid:cap\\.wb-101\\.5\\.[0-9]+@northfield\\.example.*purpose=EmergencyCallData\\.cap',
  },
  { header: 'Content-Type:', matches: 'multipart/mixed' },
  { header: 'CSeq:', matches: '[0-9]+ MESSAGE' },
  { matches: 'Content-Type: application/EmergencyCallData\\.cap\\+xml' },
  { matches: 'identifier.wb-101\\.5\\.[0-9]+./identifier' },
  { matches: 'status.Actual./status' },
];
const PLACE: readonly Check[] = [
  { header: 'Geolocation:', matches: 'cid:place\\.wb-101\\.5\\.[0-9]+@northfield\\.example' },
  { matches: 'Content-Type: application/pidf\\+xml' },
  { matches: 'ca:ROOM.101./ca:ROOM' },
];

function scenario(method: string, checks: readonly Check[], statusLine: string, more = ''): string {
  const actions = checks.map(({ header, matches }, index) => {
    const where = header === undefined ? 'search_in="body"' : `search_in="hdr" header="${header}"`;
    return `<ereg regexp="${matches}" ${where} check_it="true" assign_to="c${index}"/>`;
  });
  const names = checks.map((_, index) => `c${index}`).join(',');
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="receiver">
  <recv request="${method}"><action>${actions.join('\n')}</action></recv>
  ${names === '' ? '' : `<Reference variables="${names}"/>`}
  <send><![CDATA[
    SIP/2.0 ${statusLine}
    [last_Via:]
    [last_From:]
    [last_To:];tag=[pid]SIPp[call_number]
    [last_Call-ID:]
    [last_CSeq:]${more === '' ? '' : `\n    ${more}`}
    Content-Length: 0

  ]]></send>
</scenario>
`;
}

describe.skipIf(skip)(title, () => {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    while (cleanups.length > 0) await cleanups.pop()?.();
  });

  /** SIPp as a receiver of so many messages, and a driver that sends to it. */
  async function receiving(calls: number, xml: string) {
    if (!installed) throw new Error(title);
    const port = await freePort();
    const sipp = new SipProgram();
    cleanups.push(() => sipp.stop());
    const file = join(sipp.directory, 'receiver.xml');
    writeFileSync(file, xml);
    const where = ['-i', '127.0.0.1', '-p', String(port), '-t', 't1'];
    sipp.start('sipp', ['-sf', file, ...where, '-m', String(calls), '-nostdin', '-timeout', '30', '-timeout_error']);
    await sipp.listening(port);
    const rig = new SipRig(settingsFor(port));
    cleanups.push(() => rig.driver.stop());
    return { sipp, rig };
  }

  test('finds every header and both parts where they belong, ten at once, and acknowledges', async () => {
    const { sipp, rig } = await receiving(10, scenario('MESSAGE', [...MESSAGE, ...PLACE], '200 OK'));
    const attempts = Array.from({ length: 10 }, (_, index) => attemptOf(index + 1));
    const outcomes = await Promise.all(attempts.map((attempt) => rig.send(attempt)));
    expect(outcomes).toEqual(attempts.map(() => acknowledged));
    expect(await sipp.ended(), sipp.output).toBe(0);
  });

  test('that finds the alert bad (425) is not sent it again as it is', async () => {
    const error = 'AlertMsg-Error: 103 ; code="Alert payload is corrupted"';
    const { sipp, rig } = await receiving(1, scenario('MESSAGE', MESSAGE, '425 Bad Alert Message', error));
    const outcome = await rig.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'notUnderstood', detail: expect.stringContaining('AlertMsg-Error 103') });
    expect(await sipp.ended(), sipp.output).toBe(0);
  });

  test('that finds the location bad (424) takes the alarm without it', async () => {
    const error = 'Geolocation-Error: 100 ; code="Cannot Process Location"';
    const first = await receiving(
      1,
      scenario('MESSAGE', [...MESSAGE, ...PLACE], '424 Bad Location Information', error),
    );
    expect(await first.rig.send(attemptOf(1))).toMatchObject({ type: 'notUnderstood' });
    expect(await first.sipp.ended(), first.sipp.output).toBe(0);
    const second = await receiving(1, scenario('MESSAGE', MESSAGE, '200 OK'));
    expect(await second.rig.send(attemptOf(1, { format: 1 }))).toEqual(acknowledged);
    expect(await second.sipp.ended(), second.sipp.output).toBe(0);
  });

  test('answers the poll', async () => {
    const { sipp, rig } = await receiving(1, scenario('OPTIONS', [], '200 OK'));
    expect(await rig.send(pollOf(1))).toEqual(acknowledged);
    expect(await sipp.ended(), sipp.output).toBe(0);
  });

  test('fails where something is missing: the checks do check', async () => {
    const { sipp, rig } = await receiving(1, scenario('MESSAGE', [...MESSAGE, ...PLACE], '200 OK'));
    rig.driver.send(attemptOf(1, { format: 1 }));
    expect(await sipp.ended(), sipp.output).not.toBe(0);
  });
});
