import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BEHAVIOUR_GROUPS, behavioursHelp } from '../../device-sim/cli/behaviours-help.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { MANNERS } from '../../device-sim/mqtt/manners.ts';
import { FAR_END_BEHAVIOURS } from '../../device-sim/site/far-end.ts';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { certificates } from './cap-rig.ts';

/** What `names` stands for, as a shell expands it. */
function expanded(names: string): string[] {
  const [whole, before = '', inner = '', after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(names) ?? [];
  if (whole === undefined) return [names];
  return inner.split(',').flatMap((one) => expanded(`${before}${one}${after}`));
}

const inHelp = (group: string) =>
  BEHAVIOUR_GROUPS.filter(({ of }) => of.includes(group)).flatMap(({ ways }) =>
    ways.flatMap(([names]) => names.split(', ').flatMap(expanded)),
  );

const directory = mkdtempSync(join(tmpdir(), 'callpoint-help-'));
let ends: FarEnds;

beforeAll(async () => {
  const at = async () => `host: 127.0.0.1, port: ${await freePort()}`;
  const url = async () => `url: "https://127.0.0.1:${await freePort()}/", auth: digest, user: a`;
  const lines = [
    `{ id: dc09, driver: dc09-tcp, account: "1234", encrypted: false, ${await at()} }`,
    `{ id: radio, driver: radio, receiver: N0CALL-1, tnc: { ${await at()} } }`,
    `{ id: sip, driver: sip, transport: tcp, user: a, ${await at()} }`,
    `{ id: cap, driver: cap, ${await url()}, proxy: { url: "http://127.0.0.1:${await freePort()}" } }`,
    `{ id: webhook, driver: webhook, ${await url()}, proxy: { url: "http://127.0.0.1:${await freePort()}" } }`,
    `{ id: sms, driver: sms, port: ${join(directory, 'sms')} }`,
    `{ id: snpp, driver: snpp, ${await at()} }`,
    `{ id: tap, driver: tap, terminal: { ${await at()} } }`,
  ];
  writeFileSync(join(directory, 'site.yaml'), `paths:\n${lines.map((line) => `  - ${line}`).join('\n')}\n`);
  const secrets = ['sip', 'cap', 'webhook', 'webhook.auth'].map((id) => `  ${id}: a long enough secret`);
  writeFileSync(join(directory, 'keys.yaml'), `paths:\n${secrets.join('\n')}\n`, { mode: 0o600 });
  ends = await startFarEnds(readSite(join(directory, 'site.yaml'), 1), { tls: certificates.server });
});
afterAll(async () => {
  await ends.close();
  rmSync(directory, { recursive: true });
});

describe('sim behave --help', () => {
  test.each([
    ['dc09', ['DC-09']],
    ['radio', ['(radio)']],
    ['sip', ['(sip)', 'SIP receiver that']],
    ['cap', ['(cap, webhook)', 'HTTPS server that', 'proxy']],
    ['webhook', ['(cap, webhook)', 'HTTPS server that', 'proxy']],
    ['sms', ['(sms)']],
    ['snpp', ['(snpp)']],
    ['tap', ['(tap)']],
  ])('names what the far end of a path over %s does, and nothing else', (path, groups) => {
    const named = groups.flatMap(inHelp).filter((name) => path !== 'webhook' || !/^cap/.test(name));
    expect(named.toSorted()).toEqual([...ends.of(path).ownBehaviours].sort());
  });

  test('names the bad habits of MQTT devices', () => {
    expect(inHelp('(mqtt)')).toEqual(Object.keys(MANNERS));
  });

  test('names what every far end does', () => {
    expect(inHelp('Every')).toEqual([...FAR_END_BEHAVIOURS]);
  });

  test('fits a terminal of 80 columns', () => {
    expect(
      behavioursHelp()
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
  });
});
