import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  addDevices,
  findDevice,
  removeDevice,
  renameDevice,
  replaceDevice,
} from '../../gateway/config/edit/device-edits.ts';
import { hasKey, type NewDevice } from '../../gateway/config/edit/device-entry.ts';
import { nodeEditFiles } from '../../gateway/config/edit/edit-files.ts';
import { FreeNumbers } from '../../gateway/config/edit/free-numbers.ts';
import { SiteEdit } from '../../gateway/config/edit/site-edit.ts';
import { readSite } from '../../gateway/config/load.ts';
import { everySite, placeSite, random } from './edit-corpus.ts';

const each = (change: (line: string) => string | string[]) => (text: string) =>
  text.split('\n').flatMap(change).join('\n');
const indentOf = (line: string) => /^ */.exec(line)?.[0] ?? '';

/** How people's editors and habits write the same file. */
const FORMS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['line ends of Windows and a byte order mark', (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
  ['no line end at the end', (text) => text.trimEnd()],
  ['spaces and blank lines at the end', (text) => `${text}\n\n    `],
  ['spaces behind every line', each((line) => `${line}  `)],
  ['a comment behind every line', each((line) => (line === '' || line.includes('#') ? line : `${line} # {a: b}`))],
  ['a comment above every line', each((line) => [`${indentOf(line)}# - id: wb-9`, line])],
  ['comments far to the right', each((line) => [line, '            # deep'])],
  ['comments at the left edge', each((line) => ['# - id: wb-9', line])],
  ['blank lines between all lines', each((line) => [line, '', ''])],
  ['marks of a document', (text) => `%YAML 1.2\n---\n${text}\n...\n`],
  ['names in quotes', each((line) => line.replace(/^(\s*(?:- )?)([A-Za-z]+):(?= |$)/, '$1"$2":'))],
  ['spaces before colons', each((line) => line.replace(/^(\s*(?:- )?)([A-Za-z]+):(?= |$)/, '$1$2 :'))],
  ['wide indentation', each((line) => line.replace(/^ */, (all) => all + all).replace(/^( *)- (?=\S)/, '$1-   '))],
];

interface Placed extends ReturnType<typeof placeSite> {}

const bytes = ({ siteFile, keysFile }: Placed) => [siteFile, keysFile].map((file) => readFileSync(file, 'latin1'));
/** A loss of power has a test of its own, so nothing waits for the medium here. */
const FILES = { ...nodeEditFiles(), settle: () => undefined };

async function edit({ siteFile, data }: Placed, change: (edit: SiteEdit) => void): Promise<void> {
  const opened = await SiteEdit.open(siteFile, data, FILES);
  change(opened);
  opened.outcome();
  await opened.save();
}

/** A device on each input of the site. */
function newDevices({ site }: SiteEdit): { device: NewDevice; key?: string }[] {
  const free = new FreeNumbers(site);
  const [building] = site.buildings;
  const location = `${building?.id}/${building?.floors[0]?.id}/${building?.floors[0]?.rooms[0]?.number}`;
  const pins: Readonly<Record<string, string>> = { gpio: 'GPIO12', firmata: 'A3', modbus: '3' };
  return site.inputs.map(({ id, driver }, at) => {
    const address = driver === 'ble' ? `54:48:E6:8F:80:0${at}` : free.address(id, driver);
    const zone = free.zone(free.areaOf(location), location) ?? 0;
    const pin = pins[driver];
    const device: NewDevice = {
      id: `added-${at}`,
      input: id,
      driver,
      location,
      ...(address === undefined ? {} : { address }),
      ...(driver === 'mqtt' ? { topic: `zigbee2mqtt/added-${at}`, profile: 'zigbee2mqtt' } : {}),
      buttons: [{ zone, kind: 'intruder', ...(pin === undefined ? {} : { pin, contact: 'normallyOpen' }) }],
    };
    return hasKey(device) ? { device, key: random(16).toString('hex') } : { device };
  });
}

const cases = everySite().flatMap(([name, site], at) => {
  // Each site in two forms; every form has two sites.
  return [at, at + 7].flatMap((form) =>
    FORMS.slice(form % FORMS.length)
      .slice(0, 1)
      .map(([how, write]) => ({ name, site, how, write })),
  );
});

describe.each(cases)('$name, $how', ({ site, write }) => {
  test('is the same byte for byte when an edit is taken back', async () => {
    const place = placeSite(write(site), write);
    try {
      const errors = readSite(place.siteFile, place.data).mistakes.filter(({ severity }) => severity === 'error');
      expect(errors).toEqual([]);
      const before = bytes(place);
      const { site: entries } = await SiteEdit.open(place.siteFile, place.data, FILES);

      await edit(place, (to) => addDevices(to, newDevices(to)));
      expect(bytes(place)[0]).not.toBe(before[0]);
      await edit(place, (to) => {
        for (const at of entries.inputs.keys()) removeDevice(to, findDevice(to, `added-${at}`), false);
      });
      if (entries.inputs.length > 0) {
        // Where no device had a key, an empty section stays.
        const [siteNow, keysNow = ''] = bytes(place);
        expect(siteNow).toBe(before[0]);
        if (before[1]?.includes('devices')) expect(keysNow).toBe(before[1]);
      }

      const now = bytes(place);
      await edit(place, (to) => {
        for (const [at, { id }] of entries.devices.entries()) renameDevice(to, findDevice(to, id), `other-${at}`);
      });
      await edit(place, (to) => {
        for (const [at, { id }] of entries.devices.entries()) renameDevice(to, findDevice(to, `other-${at}`), id);
      });
      expect(bytes(place)).toEqual(now);

      const first = await SiteEdit.open(place.siteFile, place.data, FILES);
      const keyed = entries.devices.find(({ id }) => first.secretOf('devices', id) !== undefined);
      if (keyed === undefined) return;
      const old = first.secretOf('devices', keyed.id) ?? '';
      const key = random(16).toString('hex');
      await edit(place, (to) => replaceDevice(to, findDevice(to, keyed.id), { key }));
      expect(bytes(place)).toEqual([now[0], now[1]?.replace(old, key)]);
    } finally {
      rmSync(place.directory, { recursive: true });
    }
  });
});
