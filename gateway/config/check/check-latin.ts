import { losesLetters } from '../../../protocol/text.ts';
import { latinSpelling } from '../fields/latin-spelling.ts';
import { listed } from '../fields/values.ts';
import { isPathDriverName, pathDriverNamed } from '../paths/path-drivers.ts';
import type { View } from '../read/view.ts';
import { checkEqualSpellings } from './check-equal-spellings.ts';

/**
 * Names whose letters get lost on a path of this site, and that have no Latin spelling of their
 * own.
 */
export function checkLatin(site: View): void {
  const paths = site
    .list('paths')
    .filter(isLatinOnly)
    .map((path) => path.text('id') ?? '?');
  checkLostLetters(site);
  if (paths.length > 0) checkEqualSpellings(site, namedPaths(paths));
  const spellings = new Map<string, { readonly latin: string; readonly where: string }>();
  for (const [view] of named(site)) {
    const [name, latin] = [view.text('name'), view.text('latin')];
    if (latin === undefined) continue;
    checkSpelling(view, name);
    const first = spellings.get(name ?? '');
    if (first !== undefined && first.latin !== latin) {
      const message = `"${name}" is spelt "${first.latin}" at ${first.where}`;
      view.wrong('latin', message, 'give one name one spelling, or the two places two names');
    }
    if (name !== undefined) spellings.set(name, first ?? { latin, where: view.where('latin') });
  }
  const warned = new Set(spellings.keys());
  for (const [view, otherwise] of named(site)) {
    const name = view.text('name');
    if (name === undefined || paths.length === 0 || warned.has(name)) continue;
    warned.add(name);
    warn(view, name, latinSpelling(name, undefined, otherwise), paths);
  }
}

function isLatinOnly(path: View): boolean {
  const driver = path.text('driver');
  return isPathDriverName(driver) && pathDriverNamed(driver).latinOnly === true;
}

/**
 * Everything with a name that stands in texts, and what stands there where the name can't be spelt.
 */
function* named(site: View): Generator<readonly [View, string]> {
  const kinds = site.child('kinds');
  for (const id of kinds.keys()) yield [kinds.child(id), id];
  for (const door of site.list('doors')) yield [door, door.text('id') ?? '-'];
  for (const building of site.list('buildings')) {
    yield [building, `Building ${building.text('id')}`];
    for (const floor of building.list('floors')) {
      yield [floor, `Floor ${floor.text('id')}`];
      for (const room of floor.list('rooms')) yield [room, '-'];
    }
  }
}

function namedPaths(paths: readonly string[]): string {
  return `${paths.length === 1 ? 'path' : 'paths'} ${listed(paths)}`;
}

/** An editor that can't write a letter in its encoding saves ? or U+FFFD in its place. */
function checkLostLetters(site: View): void {
  for (const [view] of named(site)) {
    for (const key of ['name', 'latin']) {
      const text = view.text(key);
      if (text === undefined || !/\uFFFD|\?\?/.test(text)) continue;
      const message = `"${text}" looks like a name whose letters got lost when the file was saved`;
      view.warn(key, message, 'write it again, and save the file as UTF-8');
    }
  }
}

function warn(view: View, name: string, spelt: string | undefined, paths: readonly string[]): void {
  if (spelt === undefined) return;
  const message = `"${name}" has letters that ${namedPaths(paths)} can't carry: it goes out there as "${spelt}"`;
  view.warn('name', message, `write beside it how it is spelt in Latin letters, such as latin: ${spelt}`);
}

function checkSpelling(view: View, name: string | undefined): void {
  if (name === undefined) view.wrong('latin', 'there is no name that it spells', 'write name:, or remove latin:');
  else if (!losesLetters(name)) {
    view.warn('latin', `"${name}" needs no other spelling, and this one is never used`, 'remove latin:');
  }
}
