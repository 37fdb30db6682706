import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import type { SipSettings } from '../../gateway/paths/sip/settings.ts';
import { acknowledged, attemptOf, pollOf, reportOf, SipRig, settingsFor } from '../integration/sip-rig.ts';
import { kamailioHead } from './kamailio-config.ts';
import { counterpart } from './required.ts';
import { isInstalled, SipProgram } from './sipp-process.ts';

const installed = isInstalled('kamailio');
const { skip, title } = counterpart('kamailio', installed, 'apt-get install kamailio');

/**
 * A receiver written for Kamailio: all its sanity checks, the CAP document from the body by its
 * type, and the headers of RFC 8876 and RFC 6442. A fault gets a status that the driver
 * distinguishes from 200.
 */
const config = (port: number) => `${kamailioHead(port)}
loadmodule "siputils.so"
loadmodule "sanity.so"
modparam("xlog", "buf_size", 32768)
request_route {
  $var(cap) = ""; $var(place) = "";
  if (!sanity_check("32767", "7")) exit;
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  if (!is_method("MESSAGE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
  if (proto != TCP || !has_body("multipart/mixed")) { sl_send_reply("415", "Unsupported Media Type"); exit; }
  if (!($hdr(Call-Info) =~ "^<cid:.+>;purpose=EmergencyCallData\\.cap$") || !get_body_part("application/EmergencyCallData.cap+xml", "$var(cap)")) {
    append_to_reply("AlertMsg-Error: 101 ; code=\\"Alert payload not present\\"\\r\\n");
    sl_send_reply("425", "Bad Alert Message"); exit;
  }
  if (!($var(cap) =~ "<alert xmlns=.urn:oasis:names:tc:emergency:cap:1\\.2.>")) {
    append_to_reply("AlertMsg-Error: 103 ; code=\\"Alert payload corrupted\\"\\r\\n");
    sl_send_reply("425", "Bad Alert Message"); exit;
  }
  if (is_present_hf("Geolocation") && !get_body_part("application/pidf+xml", "$var(place)")) {
    sl_send_reply("424", "Bad Location Information"); exit;
  }
  xlog("L_ALERT", "took $ru from $fu: $var(cap)$var(place)--end\\n");
  sl_send_reply("200", "OK");
}
`;

describe.skipIf(skip)(title, () => {
  const kamailio = new SipProgram();
  let port = 0;
  const rigs: SipRig[] = [];

  beforeAll(async () => {
    if (!installed) throw new Error(title);
    port = await freePort();
    const file = join(kamailio.directory, 'kamailio.cfg');
    writeFileSync(file, config(port));
    kamailio.start('kamailio', [
      '-DD',
      '-E',
      '-f',
      file,
      '-Y',
      kamailio.directory,
      '-w',
      kamailio.directory,
      '-m',
      '16',
      '-M',
      '4',
    ]);
    await kamailio.listening(port);
  });
  afterAll(async () => {
    for (const rig of rigs) await rig.driver.stop();
    await kamailio.stop();
  });

  function rigTo(extra: Partial<SipSettings> = {}): SipRig {
    const rig = new SipRig(settingsFor(port, extra));
    rigs.push(rig);
    return rig;
  }

  /** What Kamailio took out of messages about the report. */
  const taken = (id: string) =>
    [...kamailio.output.matchAll(/took (.*?)--end/gs)].flatMap(([, text = '']) =>
      text.includes(`<identifier>${id}</identifier>`) ? [text] : [],
    );

  test('finds nothing wrong with a message, and takes the CAP document and the place out of it', async () => {
    const rig = rigTo();
    expect(await rig.send(attemptOf(1)), kamailio.output).toEqual(acknowledged);
    await expect.poll(() => taken('wb-101.5.1')).toHaveLength(1);
    const [text] = taken('wb-101.5.1');
    expect(text).toContain('sip:alarms@centre.example from sip:gw-1@northfield.example');
    expect(text).toContain('<status>Actual</status>');
    expect(text).toContain('<ca:ROOM>101</ca:ROOM>');
  });

  test('takes a drill for the test service, and an alarm without its location', async () => {
    const rig = rigTo({ target: 'urn:service:sos' });
    const drill = { ...reportOf('wb-101.5.2'), exercise: 'drill' } as const;
    expect(await rig.send(attemptOf(2, { report: drill })), kamailio.output).toEqual(acknowledged);
    expect(await rig.send(attemptOf(3, { format: 1 })), kamailio.output).toEqual(acknowledged);
    await expect.poll(() => taken('wb-101.5.3')).toHaveLength(1);
    expect(taken('wb-101.5.2')[0]).toContain('urn:service:test.sos from');
    expect(taken('wb-101.5.2')[0]).toContain('<status>Exercise</status>');
    expect(taken('wb-101.5.3')[0]).not.toContain('ca:ROOM');
  });

  test('takes a hundred at once over one connection, a repeat among them', async () => {
    const rig = rigTo();
    const attempts = Array.from({ length: 100 }, (_, index) => attemptOf(index + 100));
    const repeat = attemptOf(300, { sequence: 100, report: reportOf('wb-101.5.100') });
    const outcomes = await Promise.all([...attempts, repeat].map((attempt) => rig.send(attempt)));
    expect(outcomes).toEqual([...attempts, repeat].map(() => acknowledged));
  });

  test('answers the poll', async () => {
    expect(await rigTo().send(pollOf(1))).toEqual(acknowledged);
  });
});
