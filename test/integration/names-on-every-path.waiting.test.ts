import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { everyPath, PATH_PORTS } from '../../device-sim/demo/demo-paths.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startFarEnds } from '../../device-sim/site/far-ends.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { realEdges, startGateway } from '../../gateway/gateway.ts';
import { Waiting } from './support/waiting.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

const TEXT = 'Нападение, Главный корпус, 2 этаж, Rm 203 Химия';
const SPELT = 'Attack, Glavny korpus, 2nd floor, Rm 203 Khimiya';

/**
 * A school whose names are Russian, with a path of each driver; one room has no spelling of its
 * own.
 */
async function school(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-names-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const ports: number[] = [];
  while (ports.length < PATH_PORTS) ports.push(await freePort());
  const { paths } = everyPath(directory, ports);
  const site = `version: 1
gateway: gw-1
site: { name: Школа }
buildings:
  - id: A
    name: Главный корпус
    latin: Glavny korpus
    floors:
      - { id: "2", name: 2 этаж, latin: 2nd floor, rooms: [{ number: "203", name: Химия }] }
kinds:
  attack: { name: Нападение, latin: Attack, sia: PA, contactId: "120" }
inputs:
  - { id: bus-1, driver: button-bus, port: ${join(directory, 'bus-1')}, baudRate: 115200 }
devices:
  - id: wb-203
    input: bus-1
    address: 3
    location: A/2/203
    buttons: [{ id: panic, number: 0, kind: attack, zone: 203 }]
paths:
${paths.map(({ id, driver, lines }) => [`  - id: ${id}`, `driver: ${driver}`, ...lines].join('\n    ')).join('\n')}
plan:
  - { kinds: [all], start: [${paths.map(({ id }) => id).join(', ')}] }
mqtt: { broker: embedded, listen: 127.0.0.1:${await freePort()} }
`;
  const secrets = paths.flatMap(({ id, secret }) => (secret === undefined ? [] : [`  ${id}: "${secret}"`]));
  writeFileSync(join(directory, 'site.yaml'), site);
  const keys = `devices: { wb-203: "${randomBytes(16).toString('hex')}" }\npaths:\n${secrets.join('\n')}\n`;
  writeFileSync(join(directory, 'keys.yaml'), keys, { mode: 0o600 });
  return directory;
}

test('a press in a Russian school is read in Russian where the link carries it, in Latin letters where not', async () => {
  const directory = await school();
  const file = join(directory, 'site.yaml');
  const simulated = readSite(file, epochNow());
  const ends = await startFarEnds(simulated);
  cleanups.push(() => ends.close());
  const simulator = new SiteSimulator(simulated, 1);
  cleanups.push(() => simulator.stop());
  await simulator.ready();
  const log = new Waiting();
  const ready = new Set<string>();
  const write = (line: string) => {
    const { msg, path, device } = JSON.parse(line) as { msg: string; path?: string; device?: string };
    if (msg === 'path.up' || msg === 'device.hello') ready.add(path ?? device ?? '');
    log.check();
  };
  const gateway = await startGateway(loadSettings(file, join(directory, 'data')), pino({}, { write }), realEdges);
  cleanups.push(() => gateway.stop());
  // The first acknowledgement withdraws the report from paths that are not up yet.
  await log.until(
    'every path is up',
    () => ready.size === ends.all.length + 1,
    () => [...ready],
  );
  const isAlarm = (text: string) => text.includes('203');
  simulator.press('wb-203', 'panic', 'single');
  simulator.release('wb-203', 'panic');
  await Promise.all(ends.all.map((end) => end.until(({ displayed }) => displayed.some(({ text }) => isAlarm(text)))));
  const texts = ends.all.map((end) => [end.path, end.displayed.find(({ text }) => isAlarm(text))?.text ?? '']);
  expect(Object.fromEntries(texts)).toEqual({
    central: expect.stringContaining(SPELT),
    backup: expect.stringContaining(SPELT),
    radio: expect.stringContaining(SPELT),
    pager: expect.stringContaining(SPELT),
    snpp: expect.stringContaining(SPELT),
    cap: expect.stringContaining(TEXT),
    webhook: expect.stringContaining(TEXT),
    sip: expect.stringContaining(TEXT),
    sms: TEXT,
  });
});
