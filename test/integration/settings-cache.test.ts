import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { LoadedSite, LoadRequest } from '../../gateway/config/load-in-thread.ts';
import { loadSite } from '../../gateway/config/load-site.ts';
import { firstWarningMs } from '../../gateway/config/read/pem-files.ts';
import { readTextFile } from '../../gateway/config/read/read-file.ts';
import { openReading } from '../../gateway/config/sealed-reading.ts';
import { SettingsCache } from '../../gateway/config/settings-cache.ts';
import { everySite, placeSite } from './edit-corpus.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  while (cleanups.length > 0) cleanups.pop()?.();
});

const BUILD = 'of this test';

/** The site in a directory of its own, on a machine that has all it names. */
function placed(site: string) {
  const { directory, siteFile, keysFile, data } = placeSite(site);
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  const ports = new Map<string, string>();
  const inPlace = (port: string) => {
    if (!ports.has(port)) ports.set(port, join(directory, `port-${ports.size}`));
    return ports.get(port) ?? '';
  };
  const written = readFileSync(siteFile, 'utf8').replaceAll(/\/dev\/[\w/.:-]+/g, inPlace);
  // This machine has no such network.
  writeFileSync(siteFile, written.replaceAll(/localAddress: [\d.]+,? ?/g, ''));
  for (const port of ports.values()) writeFileSync(port, '');
  mkdirSync(data);
  const request: LoadRequest = { siteFile, dataDirectory: data, inputsPassword: 'of the first start', build: BUILD };
  const cache = new SettingsCache(data, BUILD);
  return { directory, siteFile, keysFile, request, cache, file: cache.path };
}

/** A site whose settings are kept, with what was read. */
async function kept(site: string) {
  const place = placed(site);
  const { reading, sealed } = loadSite(place.request) as Required<LoadedSite>;
  await place.cache.write(sealed);
  return { ...place, reading, sealed };
}

const SITES = everySite();
const [, EVERY = ''] = SITES.find(([name]) => name === 'every input') ?? [];
const [, HTTPS = ''] = SITES.find(([, site]) => site.includes('ca: county.pem')) ?? [];

describe('a start with kept settings is a start with settings that were read', () => {
  test.each(SITES)('%s', async (_name, site) => {
    const { cache, request, reading } = await kept(site);
    // What the thread would give.
    const again = structuredClone(loadSite({ ...request, inputsPassword: 'of the second start' }).reading);
    expect(reading.settings).toBeDefined();
    expect(cache.read({ ...request, inputsPassword: 'of the second start' })).toEqual(again);
  });
});

test('the password of the own inputs is new at each start, and not in what is kept', async () => {
  const { cache, request, reading } = await kept(EVERY);
  expect(JSON.stringify(reading)).toContain('of the first start');
  const opened = JSON.stringify(cache.read({ ...request, inputsPassword: 'of the second start' }));
  expect(opened).toContain('of the second start');
  expect(opened).not.toContain('of the first start');
});

test('only the owner may read what is kept, and no secret can be read in it', async () => {
  const { file, keysFile } = await kept(EVERY);
  const bytes = readFileSync(file);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const secrets = [...readFileSync(keysFile, 'utf8').matchAll(/: (\S{16,})$/gm)].map(([, secret = '']) => secret);
  expect(secrets.length).toBeGreaterThan(2);
  for (const secret of secrets) {
    expect(bytes.includes(secret)).toBe(false);
    if (/^[0-9a-f]{32}$/.test(secret)) expect(bytes.includes(Buffer.from(secret, 'hex'))).toBe(false);
  }
});

describe('what is kept does not open any more', () => {
  const EDITS: readonly (readonly [string, (file: string) => void])[] = [
    ['has a comment more', (file) => writeFileSync(file, `${readFileSync(file, 'utf8')}\n# more\n`)],
    [
      'has one other letter, the same size and the same time',
      (file) => {
        const { atime, mtime } = statSync(file);
        const bytes = readFileSync(file);
        const at = bytes.lastIndexOf('e');
        bytes[at] = 'f'.charCodeAt(0);
        writeFileSync(file, bytes);
        utimesSync(file, atime, mtime);
      },
    ],
    ['is gone', (file) => rmSync(file)],
    ['is a directory', (file) => [rmSync(file), mkdirSync(file)]],
    ['is empty', (file) => writeFileSync(file, '')],
    ['may be read by others', (file) => chmodSync(file, 0o666)],
  ];

  const CASES = ['site.yaml', 'keys.yaml', 'county.pem'].flatMap((name) =>
    EDITS.map(([what, edit]) => [name, what, edit] as const),
  );

  test.each(CASES)('when %s %s', async (name, _what, edit) => {
    const { directory, cache, request } = await kept(HTTPS);
    expect(cache.read(request)).toBeDefined();
    edit(join(directory, name));
    expect(cache.read(request)).toBeUndefined();
  });

  test('for another program or data directory', async () => {
    const { cache, request } = await kept(HTTPS);
    expect(cache.read({ ...request, build: 'another' })).toBeUndefined();
    expect(cache.read({ ...request, dataDirectory: `${request.dataDirectory}/` })).toBeUndefined();
    const { build: _, ...unbundled } = request;
    expect(cache.read(unbundled)).toBeUndefined();
  });

  test('from another working directory, if a name is relative', async () => {
    const { cache, request, siteFile } = await kept(HTTPS);
    const near = { ...request, siteFile: relative(process.cwd(), siteFile) };
    const { sealed } = loadSite(near) as Required<LoadedSite>;
    const before = process.cwd();
    cleanups.push(() => process.chdir(before));
    process.chdir('/');
    expect(cache.read(request)).toBeDefined();
    process.chdir(before);
    await cache.write(sealed);
    expect(cache.read(near)).toBeDefined();
    process.chdir('/');
    expect(cache.read(near)).toBeUndefined();
  });

  test('for another version of Node', async () => {
    const { cache, request } = await kept(HTTPS);
    const own = Object.getOwnPropertyDescriptor(process, 'version') ?? {};
    cleanups.push(() => Object.defineProperty(process, 'version', own));
    Object.defineProperty(process, 'version', { ...own, value: 'v20.0.0' });
    expect(cache.read(request)).toBeUndefined();
  });

  test('for the same files in another place', async () => {
    const { directory, cache, request } = await kept(HTTPS);
    const moved = `${directory}-moved`;
    renameSync(directory, moved);
    cleanups.push(() => rmSync(moved, { recursive: true }));
    const siteFile = join(moved, 'site.yaml');
    const there = new SettingsCache(join(moved, 'data'), BUILD);
    expect(there.read({ ...request, siteFile })).toBeUndefined();
    expect(there.read(request)).toBeUndefined();
    expect(cache.read(request)).toBeUndefined();
  });

  test('in the data directory of another site', async () => {
    const [one, other] = [await kept(HTTPS), await kept(EVERY)];
    writeFileSync(other.file, readFileSync(one.file));
    expect(other.cache.read(other.request)).toBeUndefined();
  });

  test('when a certificate comes near its end', async () => {
    const { request, sealed, reading } = await kept(HTTPS);
    const endMs = firstWarningMs(reading.settings?.certificates.sources ?? []);
    const openedAt = (nowMs: number) =>
      openReading(sealed, { ...request, build: BUILD }, { read: readTextFile, inputsPassword: '', nowMs });
    expect(Number.isFinite(endMs)).toBe(true);
    expect(openedAt(endMs - 1)).toBeDefined();
    expect(openedAt(endMs)).toBeUndefined();
  });

  test('wherever it is damaged or torn', async () => {
    const { request, sealed } = await kept(HTTPS);
    const basis = { ...request, build: BUILD };
    const opened = (bytes: Uint8Array) =>
      openReading(bytes, basis, { read: readTextFile, inputsPassword: '', nowMs: Date.now() });
    expect(opened(sealed)).toBeDefined();
    const place = fc.nat(sealed.length - 1);
    const damage = fc.oneof(
      place.map((length) => sealed.slice(0, length)),
      fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, change]) => {
        const bytes = sealed.slice();
        bytes[at] = (bytes[at] ?? 0) ^ change;
        return bytes;
      }),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map((more) => Buffer.concat([sealed, more])),
      fc.uint8Array(),
    );
    fc.assert(fc.property(damage, (bytes) => opened(bytes) === undefined));
  });
});

describe('nothing is kept', () => {
  test('of a site with a mistake', () => {
    const { siteFile, request } = placed(HTTPS);
    writeFileSync(siteFile, readFileSync(siteFile, 'utf8').replace('version: 1', 'version: 9'));
    expect(loadSite(request).sealed).toBeUndefined();
  });

  test('while this machine lacks what the site names: the warning comes again until it is there', () => {
    const { directory, request } = placed(EVERY);
    expect(loadSite(request).sealed).toBeDefined();
    rmSync(join(directory, 'port-0'));
    expect(loadSite(request).sealed).toBeUndefined();
  });

  test('by a program that does not know its own content', () => {
    const { build: _, ...unbundled } = placed(HTTPS).request;
    expect(loadSite(unbundled).sealed).toBeUndefined();
  });
});

describe('whatever stands in its place', () => {
  test('a pipe keeps no start waiting, and a link is not followed', async () => {
    const { cache, request, file, sealed } = await kept(HTTPS);
    renameSync(file, `${file}.real`);
    execFileSync('mkfifo', [file]);
    expect(cache.read(request)).toBeUndefined();
    rmSync(file);
    symlinkSync(`${file}.real`, file);
    expect(cache.read(request)).toBeUndefined();
    await cache.write(sealed);
    expect(cache.read(request)).toBeDefined();
  });

  test('it is replaced as a whole, and nothing is left over', async () => {
    const { cache, request, file, sealed } = await kept(HTTPS);
    writeFileSync(`${file}.new`, 'half of it', { mode: 0o666 });
    await cache.write(sealed);
    expect(cache.read(request)).toBeDefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(request.dataDirectory)).toEqual([basename(file)]);
  });

  test('each build has its own, and only the newest four stay', async () => {
    const { request, sealed } = await kept(HTTPS);
    const builds = Array.from({ length: 8 }, (_, number) => `build ${number}`);
    const caches = builds.map((build) => new SettingsCache(request.dataDirectory, build));
    for (const [number, cache] of caches.entries()) {
      await cache.write(sealed);
      utimesSync(cache.path, number, number);
    }
    await caches.at(-1)?.write(sealed);
    // The file of this test's build is new, those of the builds are of 1970.
    const names = [...caches.slice(-3).map(({ path }) => basename(path)), basename(new SettingsCache('', BUILD).path)];
    expect(new Set(readdirSync(request.dataDirectory))).toEqual(new Set(names));
  });

  test('a directory costs only time', async () => {
    const { cache, request, file, sealed } = await kept(HTTPS);
    rmSync(file);
    mkdirSync(file);
    expect(cache.read(request)).toBeUndefined();
    await expect(cache.write(sealed)).rejects.toThrow('EISDIR');
  });
});
