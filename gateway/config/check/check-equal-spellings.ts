import { cleanText } from '../../../protocol/text.ts';
import { latinSpelling } from '../fields/latin-spelling.ts';
import type { View } from '../read/view.ts';

/**
 * Names that differ as they are written, and are equal in Latin letters: who reads the alarm can't
 * tell the places apart. Rooms are told apart by their numbers, other places by their names.
 *
 * @param paths the paths that carry Latin letters only, for a person
 */
export function checkEqualSpellings(site: View, paths: string): void {
  const kinds = site.child('kinds');
  const kindViews = kinds.keys().map((id) => kinds.child(id));
  const buildings = site.list('buildings');
  checkNames(kindViews, paths);
  checkNames(site.list('doors'), paths);
  checkNames(buildings, paths);
  checkIds(
    buildings.filter((building) => !building.has('name')),
    'id',
    paths,
  );
  for (const building of buildings) {
    const floors = building.list('floors');
    checkNames(floors, paths);
    checkIds(
      floors.filter((floor) => !floor.has('name')),
      'id',
      paths,
    );
    checkIds(
      floors.flatMap((floor) => floor.list('rooms')),
      'number',
      paths,
    );
  }
}

function checkNames(views: readonly View[], paths: string): void {
  check(views, 'name', paths, 'give one of them a latin: that tells them apart');
}

function checkIds(views: readonly View[], key: 'id' | 'number', paths: string): void {
  const hint = `give one of them another ${key}: letters of two scripts may look alike, such as Cyrillic А and Latin A`;
  check(views, key, paths, hint);
}

function check(views: readonly View[], key: string, paths: string, hint: string): void {
  const seen = new Map<string, { readonly written: string; readonly where: string }>();
  for (const view of views) {
    const written = view.text(key);
    if (written === undefined) continue;
    const sent = cleanText(latinSpelling(written, key === 'name' ? view.text('latin') : undefined, '') ?? written);
    const first = seen.get(sent);
    if (first === undefined) seen.set(sent, { written, where: view.where(key) });
    else if (first.written !== written && sent !== '') {
      const message = `"${written}" and "${first.written}" (${first.where}) are the same over ${paths}: "${sent}"`;
      view.warn(key, message, hint);
    }
  }
}
