import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT, type SourceFile, sourceFiles } from './source-files.ts';

/** A row of one of ARCHITECTURE.md's tables: places, and what their files may import. */
interface Room {
  readonly places: readonly string[];
  readonly may: ReadonlyMap<string, 'all' | 'types'>;
}

const [houses = [], coreRooms = [], configRooms = []] = tables(readFileSync(join(PROJECT, 'ARCHITECTURE.md'), 'utf8'));
const shipped = sourceFiles('protocol', 'gateway', 'device-sim', 'hardware');

/** The tables with a column "may import". */
function tables(page: string): Room[][] {
  const found = page.matchAll(/^\| \w+ \| holds \| may import \|\n\| --- \| --- \| --- \|\n((?:\|.*\|\n)+)/gm);
  return [...found].map(([, rows = '']) => rows.trim().split('\n').map(roomOf));
}

function roomOf(row: string): Room {
  const [, places = '', , may = ''] = row.split(/ ?\| ?/);
  const named = [...may.matchAll(/`([^`]+)`( \(types\))?/g)];
  if (may !== 'nothing' && named.length === 0) throw new Error(`nothing can be read in: ${may}`);
  return {
    places: [...places.matchAll(/`([^`]+)`/g)].map(([, place = '']) => place.replace(/\/$/, '')),
    may: new Map(named.map(([, place = '', types]) => [place, types === undefined ? 'all' : 'types'])),
  };
}

const isIn = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

/** Returns the room whose path matches the file most closely. */
function roomIn(rooms: readonly Room[], path: string): Room | undefined {
  const places = rooms.flatMap((room) =>
    room.places.filter((place) => isIn(path, place)).map((place) => ({ room, place })),
  );
  return places.sort((a, b) => b.place.length - a.place.length)[0]?.room;
}

/** Imports that lead to another room and are not in the table, as "file → file". */
function offences(
  rooms: readonly Room[],
  files: readonly SourceFile[],
  isGranted: (room: Room, to: Room, typeOnly: boolean) => boolean,
) {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap(({ file, typeOnly }) => {
      const [room, to] = [roomIn(rooms, path), file === undefined ? undefined : roomIn(rooms, file)];
      if (room === undefined || to === undefined || room === to || isGranted(room, to, typeOnly)) return [];
      return [`${path} → ${file}`];
    }),
  );
}

function grants({ may }: Room, { places }: Room, typeOnly: boolean): boolean {
  return places.some((to) => [...may].some(([place, what]) => isIn(to, place) && (what === 'all' || typeOnly)));
}

test('every source file has a room on the map, and every place on the map exists', () => {
  expect(shipped.filter(({ path }) => roomIn(houses, path) === undefined).map(({ path }) => path)).toEqual([]);
  for (const place of [...houses, ...coreRooms, ...configRooms].flatMap(({ places }) => places)) {
    expect(
      shipped.some(({ path }) => isIn(path, place)),
      place,
    ).toBe(true);
  }
});

test('each file imports what its row of the map allows, and nothing else', () => {
  expect(offences(houses, shipped, grants)).toEqual([]);
});

test('no row of the map allows what no file of it needs', () => {
  const used = new Set(
    shipped.flatMap(({ path, imports }) => {
      const room = roomIn(houses, path);
      return imports.flatMap(({ file, typeOnly }) =>
        [...(room?.may ?? [])]
          .filter(([place, what]) => file !== undefined && isIn(file, place) && (what === 'all' || typeOnly))
          .map(([place]) => `${room?.places.join(' ')} may import ${place}`),
      );
    }),
  );
  const allowed = houses.flatMap(({ places, may }) =>
    [...may.keys()].map((to) => `${places.join(' ')} may import ${to}`),
  );
  expect(allowed.filter((each) => !used.has(each))).toEqual([]);
});

test.each([
  ['gateway/core', coreRooms],
  ['gateway/config', configRooms],
])('within %s, imports lead only to the rooms that the map names', (folder, rooms) => {
  expect(rooms.length).toBeGreaterThan(5);
  const files = shipped.filter(({ path }) => isIn(path, folder));
  // A room's name stands for that row alone here: the root does not bring the rooms in it.
  const exactly = ({ may }: Room, { places }: Room) => places.some((place) => may.has(place));
  expect(offences(rooms, files, exactly)).toEqual([]);
});

test('outside the core, code imports its root and not its rooms', () => {
  const inRoom = (file: string | undefined) => /^gateway\/core\/\w+\//.test(file ?? '');
  const strangers = shipped.flatMap(({ path, imports }) => {
    if (isIn(path, 'gateway/core') || isIn(path, 'gateway/journal')) return [];
    return imports.flatMap(({ file }) => (inRoom(file) ? [`${path} → ${file}`] : []));
  });
  expect(strangers).toEqual([]);
});
