import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CAP_1_2 } from '@dec112/cap-ts';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { SiteReading } from '../../gateway/config/accepted-settings.ts';
import { readSite } from '../../gateway/config/load.ts';
import { PATH_DRIVER_NAMES } from '../../gateway/config/paths/path-drivers.ts';
import { signatureOf } from '../../gateway/paths/webhook/signature.ts';
import { generatedFiles } from '../../hardware/drawing/pages.ts';
import { pinOf, readWiring, type Wiring } from '../../hardware/drawing/wiring-file.ts';
import { messageAirTime } from '../../protocol/radio/air-time.ts';
import { counterpart } from '../interop/required.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LINKS = join(ROOT, 'hardware/links/');
const SECTIONS = ['What you need', 'Wire it', 'site.yaml', 'Try it', "When it doesn't work"];

interface Entry {
  readonly id: string;
  readonly pin?: unknown;
  readonly cutPin?: string;
  readonly buttons?: readonly Entry[];
  readonly driver?: string;
}

type Site = Readonly<Record<'inputs' | 'outputs' | 'devices' | 'paths', readonly Entry[] | undefined>>;

interface LinkPage {
  readonly name: string;
  readonly readme: string;
  readonly site: Site;
  /** Absent: there is nothing to wire. */
  readonly wiring?: Wiring;
}

function openLink(name: string): LinkPage {
  const read = (file: string) => readFileSync(join(LINKS, name, file), 'utf8');
  const page = { name, readme: read('README.md'), site: parse(read('site.yaml')) as Site };
  return existsSync(join(LINKS, name, 'wiring.yaml')) ? { ...page, wiring: readWiring(read('wiring.yaml')) } : page;
}

const pages = readdirSync(LINKS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => openLink(name));
const index = readFileSync(join(LINKS, 'README.md'), 'utf8');

function pageNamed(name: string): LinkPage {
  const page = pages.find((each) => each.name === name);
  if (page === undefined) throw new Error(`there is no page ${name}`);
  return page;
}

test('every link has its page, and the index names each', () => {
  const drivers = new Set(pages.flatMap(({ site }) => (site.paths ?? []).map(({ driver }) => driver)));
  expect([...drivers].sort()).toEqual([...PATH_DRIVER_NAMES].sort());
  for (const { name } of pages) expect(index).toContain(`(${name}/README.md)`);
  expect(readFileSync(join(ROOT, 'hardware/README.md'), 'utf8')).toContain('(links/README.md)');
});

test('drawings and tables are the ones their data makes', () => {
  // Renew them with: npm run draw-wiring
  const made = generatedFiles(LINKS);
  expect(made.filter(({ path }) => path.endsWith('.svg')).length).toBeGreaterThanOrEqual(5);
  for (const { path, text } of made) expect(readFileSync(path, 'utf8'), path).toBe(text);
});

test('the index says how often each path is asked', () => {
  const asked = new Map<string, number>();
  for (const page of pages) {
    const { settings } = reading(page);
    for (const { id, driver } of page.site.paths ?? []) {
      const path = settings?.site.paths.find((each) => each.id === id);
      if (path !== undefined && driver !== undefined) asked.set(driver, path.supervision.intervalMs / 1000);
    }
  }
  for (const [, names = '', seconds] of index.matchAll(/^\| \[[^|]+\| ([^|]+) \| [^|]+ \| (\d+) s \|/gm)) {
    for (const [, name = ''] of names.matchAll(/`([\w-]+)`/g))
      expect([name, asked.get(name)]).toEqual([name, Number(seconds)]);
  }
  expect([...asked.keys()].sort()).toEqual([...PATH_DRIVER_NAMES].sort());
});

describe.each(pages)('hardware/links/$name', (page) => {
  test('says first what the link cannot notice, and then everything in the same order', () => {
    expect(page.readme.split('\n').slice(0, 4).join('\n')).toMatch(/\*\*Cannot notice:\*\* /);
    const found = [...page.readme.matchAll(/^## (.+)$/gm)].flatMap(([, title = '']) =>
      SECTIONS.includes(title) ? [title] : [],
    );
    expect(found).toEqual(SECTIONS);
  });

  test('its configuration has no mistake', () => {
    const mistakes = reading(page).mistakes.filter(({ message }) => !EXPECTED.some((words) => words.test(message)));
    expect(mistakes.map(({ line, message }) => `${line}: ${message}`)).toEqual([]);
  });

  test('every message it quotes is one the gateway says', () => {
    const quoted = quotedMessages(page.readme);
    expect(quoted.length).toBeGreaterThan(2);
    for (const message of quoted)
      expect(
        SOURCES.some((text) => said(message).test(text)),
        message,
      ).toBe(true);
  });

  test('what is set on a part, and what is on its pins, stands in the configuration', () => {
    const { wiring, site } = page;
    if (wiring === undefined) return;
    const entries = [site.inputs, site.outputs, site.devices, site.paths].flatMap((list) => list ?? []);
    const uses = new Map<string, string>();
    for (const [id, part] of Object.entries(wiring.parts)) {
      for (const [key, value] of Object.entries(part.settings ?? {})) {
        const entry = entries.find((each) => each.id === part.is);
        expect(valueAt(entry, key), `${id}: ${part.is}.${key}`).toEqual(value);
      }
      for (const pin of Object.keys(part.pins)) {
        const { name, for: use } = pinOf(part, pin);
        if (use !== undefined) uses.set(use, name);
      }
    }
    for (const [use, pin] of uses) expect([use, pinsIn(site).get(use)]).toEqual([use, pin]);
  });

  test('the designators on the page are parts of the drawing', () => {
    const named = page.readme.replace(/```[\s\S]*?```/g, '').matchAll(/\b(?:R|Q|F|K|U|PS|AE)[1-9]\b/g);
    for (const [id] of named) expect(Object.keys(page.wiring?.parts ?? {}), `${id}, named on the page`).toContain(id);
  });
});

test('the times on the air are the ones the gateway reckons with', () => {
  const rows = [1200, 9600].flatMap((bitsPerSecond) =>
    [200, 300, 500].map((txDelayMs) => {
      const { messageMs, characterMs, ackMs } = messageAirTime({ bitsPerSecond, txDelayMs, txTailMs: 100 }, 0);
      const [message, ack] = [messageMs + 67 * characterMs, ackMs].map((ms) => (ms / 1000).toFixed(2));
      // 47 CFR 90.235 (d)
      expect(Number(message)).toBeLessThanOrEqual(2);
      return `| ${bitsPerSecond} | ${txDelayMs} ms | ${message} s | ${ack} s |`;
    }),
  );
  expect(blockOf(pageNamed('packet-radio'), 'air')).toContain(rows.join('\n'));
});

test('direwolf has the call sign and port of the configuration', () => {
  const page = pageNamed('packet-radio');
  const radio = page.site.paths?.find(({ id }) => id === 'radio');
  const conf = blockOf(page, 'direwolf.conf');
  expect(conf).toContain(`\nMYCALL ${valueAt(radio, 'callsign')}\n`);
  expect(conf).toContain(`\nKISSPORT ${valueAt(radio, 'tnc.port')}\n`);
});

interface Checker {
  isGenuine(secret: string, header: string | undefined, body: string | Buffer, nowSeconds?: number): boolean;
}

async function checker(): Promise<Checker> {
  const code = /```js\n([\s\S]*?)```/.exec(blockOf(pageNamed('web-and-sip'), 'check-signature'))?.[1] ?? '';
  expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Checker;
}

describe('the page’s check of a webhook', () => {
  const secret = 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C';
  const body = '{"text":"Überfall, Rm 101"}';
  const nowMs = 1_795_311_296_789;

  test('takes what the gateway signs, polls too', async () => {
    const { isGenuine } = await checker();
    expect(isGenuine(secret, signatureOf(secret, nowMs, body), body, nowMs / 1000)).toBe(true);
    expect(isGenuine(secret, signatureOf(secret, nowMs, body), Buffer.from(body), nowMs / 1000)).toBe(true);
    expect(isGenuine(secret, signatureOf(secret, nowMs, ''), '', nowMs / 1000)).toBe(true);
  });

  test('refuses another secret, another body, an old one, a damaged header and none', async () => {
    const { isGenuine } = await checker();
    const header = signatureOf(secret, nowMs, body);
    const refused = [
      isGenuine(`${secret}x`, header, body, nowMs / 1000),
      isGenuine(secret, header, `${body} `, nowMs / 1000),
      isGenuine(secret, header, body, nowMs / 1000 + 301),
      isGenuine(secret, header, body, nowMs / 1000 - 301),
      isGenuine(secret, header.slice(0, -1), body, nowMs / 1000),
      isGenuine(
        secret,
        header.replace(/^t=\d+/, (time) => `${time}0`),
        body,
        nowMs / 1000,
      ),
      isGenuine(secret, undefined, body, nowMs / 1000),
    ];
    expect(refused).not.toContain(true);
  });

  const tools = counterpart('curl and openssl', areInstalled('curl', 'openssl'), 'apt install curl openssl');

  test.skipIf(tools.skip)(`takes what the page’s lines send (${tools.title})`, async () => {
    const { isGenuine } = await checker();
    const lines = /```sh\n([\s\S]*?)```/.exec(blockOf(pageNamed('web-and-sip'), 'try-webhook'))?.[1] ?? '';
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const header = request.headers['callpoint-signature'];
      response.statusCode = isGenuine(secret, String(header), Buffer.concat(chunks)) ? 204 : 401;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const env = { ...process.env, SECRET: secret, URL: `http://127.0.0.1:${port}/hook`, no_proxy: '*' };
      const { stdout } = await promisify(execFile)('bash', ['-euc', lines], { env });
      expect(stdout).toMatch(/^HTTP\/1.1 204 /);
    } finally {
      server.close();
    }
  });
});

test('the CAP message to try with is one, and a test', async () => {
  const xml = readFileSync(join(LINKS, 'web-and-sip/try.cap.xml'), 'utf8');
  expect(xml).toContain('<status>Test</status>');
  const alert = await CAP_1_2.Alert.fromXML(xml);
  expect(alert.info_list[0]?.headline).toBe('TEST: curl');
});

/** Warnings about the machine the test runs on. */
const EXPECTED = [
  /no interface of this machine has/,
  /this machine has no/,
  /in \/dev\/serial/,
  /\/dev\/serial\/by-id/,
];

/** With the certificates and secrets that the page tells to provide. */
function reading({ name, site }: LinkPage): SiteReading {
  const folder = mkdtempSync(join(tmpdir(), 'callpoint-links-'));
  try {
    copyFileSync(join(LINKS, name, 'site.yaml'), join(folder, 'site.yaml'));
    for (const file of ['centre.pem', 'county.pem']) {
      copyFileSync(join(ROOT, 'test/integration/fixtures/https-ca.pem'), join(folder, file));
    }
    const keys = join(folder, 'keys.yaml');
    const secrets = (site.paths ?? [])
      .map((path) => [path.id, secretOf(path)])
      .filter(([, secret]) => secret !== undefined);
    writeFileSync(keys, JSON.stringify({ paths: Object.fromEntries(secrets) }));
    chmodSync(keys, 0o600);
    return readSite(join(folder, 'site.yaml'), join(folder, 'data'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function secretOf({ driver = '', pin }: Entry): string | undefined {
  if (driver.startsWith('dc09-')) return '00112233445566778899aabbccddee0f';
  if (driver === 'cap' || driver === 'webhook') return 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C';
  return driver === 'sms' && pin === true ? '1234' : undefined;
}

/** Returns the first column under "When it doesn't work". `…` stands for the variable part. */
function quotedMessages(readme: string): string[] {
  const table = readme.split(/^## When it doesn't work$/m)[1] ?? '';
  return [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, words = '']) => (words.includes(' ') ? [words] : [])),
  );
}

/** As it stands in a source: `…` is a `${…}`. A message may begin and end with one. */
function said(message: string): RegExp {
  const pieces = message
    .split('…')
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll("'", "\\\\?'"));
  return new RegExp(pieces.join('(?:\\$\\{[^\\n]*?\\})+'));
}

const SOURCES = ['gateway', 'protocol'].flatMap((folder) => {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(join(ROOT, folder, file), 'utf8'));
});

/** `tnc.port`: the value of `port` below `tnc`. */
function valueAt(entry: unknown, path: string): unknown {
  return path.split('.').reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], entry);
}

/** `device/button`, `device/button cut` or an output, and the pin it is on. */
function pinsIn({ devices = [], outputs = [] }: Site): Map<string, unknown> {
  const contacts = (devices ?? []).flatMap(({ id, buttons = [] }) =>
    buttons.flatMap((button): [string, unknown][] => [
      [`${id}/${button.id}`, button.pin],
      [`${id}/${button.id} cut`, button.cutPin],
    ]),
  );
  return new Map([...contacts, ...(outputs ?? []).map(({ id, pin }): [string, unknown] => [id, pin])]);
}

function blockOf({ readme }: LinkPage, name: string): string {
  const [, after = ''] = readme.split(`<!-- ${name} -->`);
  return after.split(`<!-- /${name} -->`)[0] ?? '';
}

function areInstalled(...programs: readonly string[]): boolean {
  return programs.every((program) => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0);
}
