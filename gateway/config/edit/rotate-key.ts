import type { Wanted } from '../keys/keys-file.ts';
import { suggest } from '../read/nearest.ts';
import { isMapping } from '../read/view.ts';
import type { KeySection } from './key-edits.ts';
import { refused } from './rooms.ts';
import type { SiteEdit } from './site-edit.ts';

/** A secret of keys.yaml. */
export interface Secret {
  readonly section: KeySection;
  readonly name: string;
  /**
   * key: an AES key. typedKey: one as text. strongText: a random text that both ends have.
   * givenText: the far end gives it. password: of an MQTT client.
   */
  readonly form: 'key' | 'typedKey' | 'strongText' | 'givenText' | 'password';
}

const SECTIONS = { devices: 'device', paths: 'path', mqtt: 'client' } as const;

/**
 * The secret that a person means by `wb-101`, or by `path:wb-101` if a device and a path have the
 * same name.
 *
 * @throws CallpointError EDIT_REFUSED
 */
export function findSecret(edit: SiteEdit, wanted: Wanted, written: string): Secret {
  const found = (Object.keys(SECTIONS) as KeySection[]).flatMap((section) =>
    wanted[section]
      .filter((name) => name === written || `${SECTIONS[section]}:${name}` === written)
      .map((name): Secret => ({ section, name, form: formOf(edit, wanted, section, name) })),
  );
  const [only] = found;
  if (only === undefined) {
    const names = [...wanted.devices, ...wanted.paths, ...wanted.mqtt];
    throw refused(`Nothing named ${written} has a key: ${suggest(written, names, 'keys.yaml lists what has one')}.`);
  }
  if (found.length === 1) return only;
  const names = found.map(({ section, name }) => `${SECTIONS[section]}:${name}`);
  throw refused(`${written} has several keys: write one of ${names.join(', ')}.`);
}

function formOf(edit: SiteEdit, { textPaths }: Wanted, section: KeySection, name: string): Secret['form'] {
  if (section === 'mqtt') return 'password';
  if (section === 'devices') return 'key';
  const text = textPaths.get(name);
  if (text !== undefined) return text === 'strongText' ? 'strongText' : 'givenText';
  return isMapping(edit.writtenSecret(section, name)) ? 'typedKey' : 'key';
}

/** A fresh secret of the same form and length. @param random cryptographically strong */
export function freshSecret(
  edit: SiteEdit,
  { section, name, form }: Secret,
  random: (bytes: number) => Buffer,
): string {
  const written = edit.writtenSecret(section, name);
  const old = isMapping(written) ? String(Object.values(written)[0]) : String(written);
  if (form === 'key') return random(old.length / 2).toString('hex');
  if (form === 'typedKey') return random(old.length).toString('base64url').slice(0, old.length);
  return random(form === 'password' ? 18 : 36).toString('base64url');
}

export function writeSecret(edit: SiteEdit, { section, name, form }: Secret, secret: string): void {
  edit.keys.change(section, name, secret, form === 'typedKey' ? ['text'] : []);
}
