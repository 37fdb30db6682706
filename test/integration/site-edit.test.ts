import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EditFiles, nodeEditFiles } from '../../gateway/config/edit/edit-files.ts';
import { SiteEdit } from '../../gateway/config/edit/site-edit.ts';
import { checkSite } from '../../gateway/config/load.ts';
import { whileLocked } from '../../gateway/system/directory-lock.ts';
import { KEYS, SECRETS, SITE } from '../unit/config/site-fixture.ts';

let directory = '';
let siteFile = '';
let keysFile = '';
let data = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-edit-'));
  siteFile = join(directory, 'site.yaml');
  keysFile = join(directory, 'keys.yaml');
  data = join(directory, 'data');
  put(SITE, KEYS);
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(site: string | Uint8Array, keys: string | Uint8Array): void {
  writeFileSync(siteFile, site);
  writeFileSync(keysFile, keys);
  chmodSync(keysFile, 0o600);
}

const FRESH = 'a4b91c07e35d28f6901b6cde74f3028a';
const contents = () => ({ site: readFileSync(siteFile, 'utf8'), keys: readFileSync(keysFile, 'utf8') });
const errorsNow = () => checkSite(siteFile, data).filter(({ severity }) => severity === 'error');

/** Renames one device and adds another: both files change, the keys in two steps. */
function renameAndAdd(edit: SiteEdit): void {
  edit.edits.set(['devices', 1, 'id'], 'wb-102b');
  edit.keys.rename('devices', 'wb-102', 'wb-102b', SECRETS['wb-102']);
  edit.edits.append(
    ['devices'],
    [{ id: 'wb-201', input: 'bus-1', address: 19, location: 'A/2/201', buttons: [{ id: 'b', number: 0, zone: 201 }] }],
  );
  edit.keys.add('devices', 'wb-201', FRESH);
}

/** Nothing happens from the given step on, as after a loss of power. */
function endingAt(step: number): { readonly files: EditFiles; readonly steps: () => number } {
  let taken = 0;
  const node = nodeEditFiles();
  const unless =
    <A extends unknown[], T>(act: (...args: A) => T) =>
    (...args: A): T => {
      taken += 1;
      if (taken > step) throw new Error('power lost');
      return act(...args);
    };
  return {
    files: {
      read: node.read,
      write: unless(node.write),
      rename: unless(node.rename),
      remove: unless(node.remove),
      settle: unless(node.settle),
    },
    steps: () => taken,
  };
}

test('both files change together, and the rest of them stays as it was', async () => {
  const edit = await SiteEdit.open(siteFile, data);
  renameAndAdd(edit);
  const { diff, keys, warnings } = edit.outcome();
  expect(contents()).toEqual({ site: SITE, keys: KEYS });
  await edit.save();
  const { site, keys: secrets } = contents();
  expect(site).toBe(
    SITE.replace('- id: wb-102\n', '- id: wb-102b\n').replace(
      'paths:\n',
      '  - id: wb-201\n    input: bus-1\n    address: 19\n    location: A/2/201\n    buttons:\n      - { id: b, number: 0, zone: 201 }\npaths:\n',
    ),
  );
  expect(secrets).toBe(KEYS.replace('wb-102:', 'wb-102b:').replace('paths:', `  wb-201: ${FRESH}\npaths:`));
  expect(diff).toContain('+   - id: wb-102b');
  expect(keys).toEqual([
    { section: 'devices', name: 'wb-102b', what: 'renamed', from: 'wb-102' },
    { section: 'devices', name: 'wb-201', what: 'added' },
  ]);
  expect(warnings).toEqual([]);
  expect(JSON.stringify({ diff, keys })).not.toMatch(/[0-9a-f]{24}/);
  expect(errorsNow()).toEqual([]);
  expect(readdirSync(directory).sort()).toEqual(['keys.yaml', 'site.yaml']);
});

test('wherever power is lost, the site can be run, and the next edit finishes this one or begins from the start', async () => {
  const whole = endingAt(Number.POSITIVE_INFINITY);
  const first = await SiteEdit.open(siteFile, data, whole.files);
  renameAndAdd(first);
  await first.save();
  const finished = contents();
  expect(whole.steps()).toBeGreaterThan(15);
  const ends: string[] = [];
  for (let step = 0; step < whole.steps(); step++) {
    put(SITE, KEYS);
    const edit = await SiteEdit.open(siteFile, data, endingAt(step).files);
    renameAndAdd(edit);
    await expect(edit.save()).rejects.toMatchObject({ code: 'EDIT_REFUSED' });
    expect(errorsNow()).toEqual([]);
    const next = await SiteEdit.open(siteFile, data);
    const now = contents();
    expect([{ site: SITE, keys: KEYS }, finished]).toContainEqual(now);
    ends.push(now.site === SITE ? 'undone' : 'finished');
    // An edit after it leaves nothing behind.
    next.edits.set(['site', 'name'], 'Southfield School');
    next.keys.change('mqtt', 'desk', 'another-long-password');
    await next.save();
    expect(readdirSync(directory).sort()).toEqual(['keys.yaml', 'site.yaml']);
  }
  expect(new Set(ends)).toEqual(new Set(['undone', 'finished']));
  expect(ends).toEqual([...ends].sort().reverse());
});

test('an edit whose second file can not be replaced takes the first one back', async () => {
  const node = nodeEditFiles();
  const rename = (from: string, to: string) => {
    // As the kernel refuses it for a file that is mounted by itself.
    if (to === siteFile) throw Object.assign(new Error('EBUSY: resource busy or locked'), { code: 'EBUSY' });
    node.rename(from, to);
  };
  const edit = await SiteEdit.open(siteFile, data, { ...node, rename });
  renameAndAdd(edit);
  await expect(edit.save()).rejects.toMatchObject({
    code: 'EDIT_REFUSED',
    message: expect.stringMatching(/^Nothing was changed\. .*EBUSY.*mount its directory instead\.$/),
  });
  expect(contents()).toEqual({ site: SITE, keys: KEYS });
  expect(statSync(keysFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory).sort()).toEqual(['keys.yaml', 'site.yaml']);
});

test('who only reads finishes nothing and writes nothing', async () => {
  const edit = await SiteEdit.open(siteFile, data, endingAt(14).files);
  renameAndAdd(edit);
  await edit.save().catch(() => undefined);
  const before = readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]);
  expect(before.length).toBeGreaterThan(2);
  expect(SiteEdit.read(siteFile, data).site.devices).toHaveLength(3);
  expect(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')])).toEqual(before);
});

test('a second loss of power while the first is being mended changes nothing about that', async () => {
  const whole = endingAt(Number.POSITIVE_INFINITY);
  const first = await SiteEdit.open(siteFile, data, whole.files);
  renameAndAdd(first);
  await first.save();
  const finished = contents();
  for (let step = 0; step < 6; step++) {
    put(SITE, KEYS);
    const edit = await SiteEdit.open(siteFile, data, endingAt(whole.steps() - 7).files);
    renameAndAdd(edit);
    await edit.save().catch(() => undefined);
    await SiteEdit.open(siteFile, data, endingAt(step).files).catch(() => undefined);
    expect(errorsNow()).toEqual([]);
    await SiteEdit.open(siteFile, data);
    expect(contents()).toEqual(finished);
  }
});

describe('nothing is changed', () => {
  test('in a site with mistakes; they are named', async () => {
    put(SITE.replace('address: 18', 'address: 17'), KEYS);
    await expect(SiteEdit.open(siteFile, data)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(
        /Correct them before it is edited:\n.*site\.yaml:\d+:\d+: error: address 17 on bus-1/,
      ),
    });
  });

  test('by an edit that would make a mistake', async () => {
    const edit = await SiteEdit.open(siteFile, data);
    edit.edits.set(['devices', 1, 'address'], 17);
    expect(() => edit.outcome()).toThrow(/would make a mistake. Nothing was changed:\n.*address 17 on bus-1 is used/);
  });

  test('if somebody has changed a file meanwhile', async () => {
    const edit = await SiteEdit.open(siteFile, data);
    renameAndAdd(edit);
    writeFileSync(siteFile, `${SITE}# mine\n`);
    await expect(edit.save()).rejects.toMatchObject({
      code: 'EDIT_REFUSED',
      message: expect.stringContaining('meanwhile'),
    });
    expect(contents()).toEqual({ site: `${SITE}# mine\n`, keys: KEYS });
    expect(readdirSync(directory).sort()).toEqual(['keys.yaml', 'site.yaml']);
  });

  test('while another command edits the site', async () => {
    const edit = await SiteEdit.open(siteFile, data);
    renameAndAdd(edit);
    await whileLocked(directory, () =>
      expect(edit.save()).rejects.toMatchObject({
        code: 'EDIT_REFUSED',
        message: expect.stringContaining('at this moment'),
      }),
    );
    expect(contents()).toEqual({ site: SITE, keys: KEYS });
    const [one, other] = [await SiteEdit.open(siteFile, data), await SiteEdit.open(siteFile, data)];
    one.edits.set(['site', 'name'], 'One');
    other.edits.set(['site', 'name'], 'Other');
    const results = await Promise.allSettled([one.save(), other.save()]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });

  test('if a person repaired a file after a loss of power', async () => {
    const edit = await SiteEdit.open(siteFile, data, endingAt(14).files);
    renameAndAdd(edit);
    await edit.save().catch(() => undefined);
    writeFileSync(siteFile, `${SITE}# mine\n`);
    await expect(SiteEdit.open(siteFile, data)).rejects.toThrow(
      /site\.yaml was changed since.*remove .*site\.yaml\.callpoint-edit/,
    );
    expect(readFileSync(siteFile, 'utf8')).toBe(`${SITE}# mine\n`);
  });
});

test('modes stay, links stay links, and so do the byte order mark and the line ends of Windows', async () => {
  const real = join(directory, 'real');
  mkdirSync(real);
  renameSync(keysFile, join(real, 'secrets.yaml'));
  renameSync(siteFile, join(real, 'northfield.yaml'));
  symlinkSync('real/secrets.yaml', keysFile);
  symlinkSync('real/northfield.yaml', siteFile);
  const windows = (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`;
  writeFileSync(siteFile, windows(SITE));
  writeFileSync(keysFile, windows(KEYS));
  chmodSync(siteFile, 0o640);
  const edit = await SiteEdit.open(siteFile, data);
  edit.edits.append(['buildings', 0, 'floors', 0, 'rooms'], [{ number: '103' }]);
  edit.keys.change('devices', 'wb-101', FRESH);
  expect(edit.outcome().keys).toHaveLength(1);
  await edit.save();
  expect(readFileSync(siteFile, 'utf8')).toBe(
    windows(SITE.replace('{ number: 102 }\n', '{ number: 102 }\n          - { number: "103" }\n')),
  );
  expect(readFileSync(keysFile, 'utf8')).toBe(windows(KEYS.replace(SECRETS['wb-101'], FRESH)));
  expect(lstatSync(siteFile).isSymbolicLink() && lstatSync(keysFile).isSymbolicLink()).toBe(true);
  expect(statSync(siteFile).mode & 0o777).toBe(0o640);
  expect(statSync(keysFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(real).sort()).toEqual(['northfield.yaml', 'secrets.yaml']);
});
