import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const ROOMS = 300;
/** Of a line. */
const ADDRESSES = 254;

/**
 * Buildings of 300 rooms, each with a button whose zone is its room's number; the buildings' areas
 * as given.
 */
function campus(areas: readonly number[]): { readonly site: string; readonly keys: string } {
  const rooms = Array.from({ length: ROOMS }, (_, index) => index + 1);
  const all = areas.flatMap((_, building) => rooms.map((room) => ({ building, room })));
  const buildings = areas.map(
    (area, building) => `  - id: B${building}
    area: ${area}
    floors: [{ id: "1", rooms: [${rooms.map((room) => `{ number: ${room} }`).join(', ')}] }]`,
  );
  const inputs = Array.from({ length: Math.ceil(all.length / ADDRESSES) }, (_, line) => {
    return `  - { id: line-${line}, driver: button-bus, port: /dev/serial/by-id/line-${line} }`;
  });
  const devices = all.map(({ building, room }, index) => {
    const bus = `input: line-${Math.floor(index / ADDRESSES)}, address: ${(index % ADDRESSES) + 1}`;
    const button = `buttons: [{ id: panic, number: 0, zone: ${room} }]`;
    return `  - { id: wb-${building}-${room}, ${bus}, location: B${building}/1/${room}, ${button} }`;
  });
  const site = `version: 1
gateway: gw-1
site: { name: Campus }
buildings:
${buildings.join('\n')}
inputs:
${inputs.join('\n')}
devices:
${devices.join('\n')}
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234" }]
`;
  const key = (id: string) => createHash('sha256').update(id).digest('hex').slice(0, 32);
  const ids = all.map(({ building, room }) => `wb-${building}-${room}`);
  const keys = ids.map((id) => `  ${id}: "${key(id)}"`);
  return { site, keys: `devices:\n${keys.join('\n')}\npaths: { central: 7d21b9f4063ec85a9f1e40d7b36c82e5 }\n` };
}

function errorsOf(files: { readonly site: string; readonly keys: string }): string[] {
  return mistakesOf(files).flatMap(({ severity, message }) => (severity === 'error' ? [message] : []));
}

test('two buildings may use the same zones where each has an area of its own, so that a site has room for more than 999', () => {
  const files = campus([1, 2]);
  expect(errorsOf(files)).toEqual([]);
  const { site } = withSite(files, (file) => loadSettings(file, '/var/lib/callpoint'));
  expect(site.devices.size).toBe(2 * ROOMS);
  const placed = [...site.devices.values()].flatMap(({ area, buttons }) =>
    [...buttons.values()].map(({ zone }) => `${area}/${zone}`),
  );
  expect(new Set(placed).size).toBe(2 * ROOMS);
});

test('a device may be in another area than its building, and so may its door', () => {
  const site = edited(
    SITE,
    ['name: Main building', 'name: Main building\n    area: 7'],
    ['address: 18', 'address: 18\n    area: 0'],
  );
  const settings = withSite({ site, keys: KEYS }, (file) => loadSettings(file, '/var/lib/callpoint'));
  const areas = [...settings.site.devices.values()].map(({ id, area }) => [id, area]);
  expect(areas).toEqual([
    ['wb-101', 7],
    ['wb-102', 0],
    ['wb-b101', 0],
  ]);
  expect(settings.site.doors.map(({ id, area }) => [id, area])).toEqual([['wb-101', 7]]);
});

test('a path that names one area for all is refused where a zone stands for two rooms, and taken where each is used once', () => {
  const files = campus([1, 2]);
  const site = edited(files.site, ['account: "1234"', 'account: "1234", area: 3']);
  expect(errorsOf({ ...files, site })).toEqual([
    expect.stringMatching(
      /^zone \d+ is B0\/1\/\d+ in area 1 and B1\/1\/\d+ in area 2, and this path names one area for both$/,
    ),
  ]);
  const alone = campus([1]);
  const one = edited(alone.site, ['account: "1234"', 'account: "1234", area: 3']);
  expect(errorsOf({ ...alone, site: one })).toEqual([]);
});
