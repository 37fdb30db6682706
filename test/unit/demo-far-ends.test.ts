import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { everyPath, PATH_PORTS, patient } from '../../device-sim/demo/demo-paths.ts';
import { demoSite } from '../../device-sim/demo/demo-site.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { FAR_END_BEHAVIOURS } from '../../device-sim/site/far-end.ts';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { readSite, type SimulatedSite } from '../../device-sim/site/site-file.ts';
import { readSite as readForGateway } from '../../gateway/config/load.ts';
import { ANY_PATH_DRIVER, PATH_DRIVER_NAMES } from '../../gateway/config/paths/path-drivers.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'callpoint-ends-'));
  cleanups.push(() => rmSync(made, { recursive: true }));
  return made;
}

async function demoFile(patience?: number): Promise<string> {
  const at = directory();
  const ports: number[] = [];
  while (ports.length < PATH_PORTS) ports.push(await freePort());
  const place = { directory: at, mqttPort: 1883, receiverPort: 0, ...(patience && { patience }) };
  const { site, keys } = demoSite(place, patient(everyPath(at, ports), patience ?? 1));
  writeFileSync(join(at, 'site.yaml'), site);
  writeFileSync(join(at, 'keys.yaml'), keys, { mode: 0o600 });
  return join(at, 'site.yaml');
}

/** A site of nothing but these paths. */
function siteOf(paths: string, keys = ''): SimulatedSite {
  const at = directory();
  writeFileSync(join(at, 'site.yaml'), `paths:\n${paths}`);
  writeFileSync(join(at, 'keys.yaml'), `paths:\n${keys}`);
  return readSite(join(at, 'site.yaml'), 1);
}

async function started(...how: Parameters<typeof startFarEnds>): Promise<FarEnds> {
  const ends = await startFarEnds(...how);
  cleanups.push(() => ends.close());
  return ends;
}

test.each([
  [1, 3000, 10_000, 4000],
  [5, 15_000, 50_000, 20_000],
  [20, 60_000, 200_000, 20_000],
])(
  'with patience %i the gateway of the demonstration waits that much longer for its receivers, as far as a site may ask',
  async (patience, nextPathMs, notConfirmedMs, answerMs) => {
    const file = await demoFile(patience);
    const { mistakes, settings } = readForGateway(file, join(file, '..', 'data'));
    expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(settings?.site.deadlines).toMatchObject({ nextPathMs, notConfirmedMs });
    const { paths = [] } = settings?.site ?? {};
    const longest = new Map([...paths.values()].map(({ id, attemptTimeoutMs }) => [id, attemptTimeoutMs]));
    for (const path of ['central', 'backup', 'radio', 'cap', 'webhook', 'sip']) {
      expect(longest.get(path), path).toBe(answerMs);
    }
  },
);

test('the demonstration site has a path of every driver, is well configured, and each has a far end that misbehaves', async () => {
  const file = await demoFile();
  const { mistakes } = readForGateway(file, join(file, '..', 'data'));
  expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
  const ends = await started(readSite(file, 1));
  expect(ends.unplayed).toEqual([]);
  expect(ends.all.map(({ driver }) => driver).sort()).toEqual([...PATH_DRIVER_NAMES].sort());
  expect(ends.all).toHaveLength(ANY_PATH_DRIVER.length);
  for (const end of ends.all)
    for (const how of [...FAR_END_BEHAVIOURS, ...end.ownBehaviours, 'normal']) await end.behave(how);
});

test('where a path leads elsewhere, or to a place for real ports, it says why it is not simulated', async () => {
  const ends = await started(
    siteOf(`
  - { id: away, driver: dc09-tcp, host: 10.0.0.5, account: "1234" }
  - { id: real, driver: sms, port: /dev/ttyUSB0 }
  - { id: sealed, driver: cap, url: "https://127.0.0.1/inbox" }
  - { id: bare, driver: snpp }
  - { id: new, driver: pigeon }
`),
  );
  expect(ends.all).toEqual([]);
  const why = Object.fromEntries(ends.unplayed.map((unplayed) => [unplayed.path, unplayed.why]));
  expect(why).toEqual({
    away: '10.0.0.5 is not this machine: only loopback addresses are simulated',
    real: expect.stringContaining('/dev/ttyUSB0 is a place for real ports'),
    sealed: expect.stringContaining('give --tls-certificate and --tls-key'),
    bare: 'its host is missing',
    new: 'nothing simulates the driver pigeon',
  });
});

test('far ends on TLS prove themselves by the certificate they are given', async () => {
  const pem = (name: string) => readFileSync(join(import.meta.dirname, '../integration/fixtures', name), 'utf8');
  const tls = { certificate: pem('https-server.cert.pem'), key: pem('https-server.key.pem') };
  const ports = [await freePort(), await freePort(), await freePort(), await freePort()] as const;
  const site = siteOf(`
  - { id: central, driver: dc09-tcp, host: 127.0.0.1, port: ${ports[0]}, account: "1234", encrypted: false, tls: {} }
  - { id: desk, driver: cap, url: "https://127.0.0.1:${ports[1]}/inbox" }
  - { id: sip, driver: sip, host: 127.0.0.1, port: ${ports[2]} }
  - { id: pages, driver: snpp, host: 127.0.0.1, port: ${ports[3]}, tls: {} }
`);
  const ends = await started(site, { tls });
  expect(ends.unplayed).toEqual([]);
  for (const port of ports) {
    const socket = connectTls({ port, host: '127.0.0.1', ca: pem('https-ca.pem'), servername: 'localhost' });
    cleanups.push(() => socket.destroy());
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
  }
});

test('DC-09 paths to one port share a receiver, paths of one account its screen; one misbehaves with the other', async () => {
  const port = await freePort();
  const site = siteOf(
    `
  - { id: a, driver: dc09-tcp, host: 127.0.0.1, port: ${port}, account: "1234", encrypted: false }
  - { id: b, driver: dc09-udp, host: localhost, port: ${port}, account: "1234", encrypted: false }
  - { id: c, driver: dc09-tcp, host: 127.0.0.1, port: ${port}, account: "5678" }
`,
    `  c: ${'01'.repeat(16)}`,
  );
  const ends = await started(site);
  expect(ends.of('b').screen).toBe(ends.of('a').screen);
  expect(ends.of('c').screen).not.toBe(ends.of('a').screen);
  const refused = () =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(false));
      socket.on('error', () => resolve(true));
      cleanups.push(() => socket.destroy());
    });
  expect(await refused()).toBe(false);
  await ends.of('b').behave('refuse');
  expect(await refused()).toBe(true);
  expect(() => ends.of('d')).toThrow('There are: a, b, c');
  await expect(startFarEnds(site, { paths: ['d'] })).rejects.toThrow('There are: a, b, c');
});

test('a port that another program has is told, and nothing stays behind', async () => {
  const port = await freePort();
  const site = siteOf(
    `
  - { id: pages, driver: snpp, host: 127.0.0.1, port: ${port} }
  - { id: hook, driver: webhook, url: "http://127.0.0.1:${port}/" }
`,
    '  hook: a-secret',
  );
  await expect(startFarEnds(site)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining('hook'),
  });
  const ends = await started(site, { paths: ['hook'] });
  expect(ends.all).toHaveLength(1);
});
