import { asciiToBytes, bytesToHex, hexToBytes } from '../../../protocol/bytes.ts';
import type { Mistake } from '../read/mistake.ts';
import { nearest, suggest } from '../read/nearest.ts';
import { type FileText, isExposed, readTextFile } from '../read/read-file.ts';
import { View } from '../read/view.ts';
import { parseYaml } from '../read/yaml-source.ts';
import { weakness } from './key-strength.ts';

/**
 * Keys by device and path id, other secrets by path id, passwords by MQTT user name. Only sound
 * ones are included.
 */
export interface Keys {
  readonly devices: ReadonlyMap<string, Uint8Array>;
  readonly paths: ReadonlyMap<string, Uint8Array>;
  /** Passwords, tokens and the like. */
  readonly pathSecrets: ReadonlyMap<string, string>;
  readonly mqtt: ReadonlyMap<string, string>;
}

/** The devices, paths and users that need a secret, and the place in `site.yaml` that says so. */
export interface Wanted {
  /** True if the whole site could be understood: a secret that nothing needs is then left over. */
  readonly isWhole: boolean;
  readonly devices: readonly string[];
  /** Devices that may or may not need a secret, because `site.yaml` does not tell. */
  readonly undecided: readonly string[];
  readonly paths: readonly string[];
  /** Paths among them whose secret is text and not an AES key. */
  readonly textPaths: ReadonlyMap<string, 'text' | 'strongText'>;
  readonly mqtt: readonly string[];
}

const SECTIONS = ['devices', 'paths', 'mqtt'] as const;
const PASSWORD_LENGTH_MIN = 12;
/**
 * A pager terminal's password may be short (TAP 1.8: six characters). It guards nothing of ours.
 */
const SECRET_LENGTH_MAX = 512;
/** A secret that both ends choose, for signatures. */
const SHARED_SECRET_LENGTH_MIN = 24;
/**
 * With more unknown names than this, the file belongs to another site: they are no spelling
 * mistakes.
 */
const COMPARED_MAX = 50;

/**
 * Reads `keys.yaml` and adds a mistake for everything wrong with it. No message ever quotes a value
 * of this file. No message that rests on a doubtful site.yaml asks anybody to remove or replace a
 * secret.
 */
export function readKeys(
  file: string,
  wanted: Wanted,
  mistakes: Mistake[],
  readText: (file: string) => FileText = readTextFile,
): Keys | undefined {
  const top = { severity: 'error', file, line: 1, column: 1 } as const;
  const read = readText(file);
  if ('problem' in read) {
    const message = `the keys file ${read.problem}`;
    mistakes.push({ ...top, message, hint: read.hint ?? UNREADABLE_HINT, code: 'CONFIG_UNREADABLE' });
    return undefined;
  }
  if (isExposed(read)) {
    const message = `other users of this machine have access to the keys file (mode ${read.mode.toString(8).padStart(4, '0')})`;
    const hint = `run: chmod 600 ${shellQuoted(file)} (and make new keys if anybody may have read them)`;
    mistakes.push({ ...top, message, hint, code: 'KEYS_EXPOSED' });
  }
  const source = parseYaml(file, read.text, { secret: true }, mistakes);
  if (source === undefined) return undefined;
  return keysIn(new View(source, [], source.value, new Set(), mistakes), wanted);
}

/** The sound keys of a mapping. Adds a mistake for everything wrong with it. */
export function keysIn(view: View, wanted: Wanted): Keys {
  checkSections(view);
  checkWanted(view, wanted);
  const { textPaths } = wanted;
  // A name that site.yaml does not have means something only when nothing is wrong with site.yaml.
  const isKey = (name: string) => !textPaths.has(name) && (wanted.isWhole || wanted.paths.includes(name));
  const keys = {
    devices: readSection(view.child('devices'), deviceKey),
    paths: readSection(view.child('paths'), (section, name) => (isKey(name) ? pathKeyBytes(section, name) : undefined)),
    pathSecrets: readSection(view.child('paths'), (section, name) =>
      textPaths.has(name) ? secretText(section, name, textPaths.get(name) === 'strongText') : undefined,
    ),
    mqtt: readSection(view.child('mqtt'), password),
  };
  checkShared(view, keys, wanted);
  return keys;
}

function checkSections(view: View): void {
  for (const key of view.keys()) {
    if (!SECTIONS.some((section) => section === key)) {
      view.wrongName(key, 'a name is not known here', suggest(key, SECTIONS, 'remove it'));
    } else if (view.has(key) && !view.isMapping(key) && view.text(key) !== '') {
      view.wrong(key, `${key} is not a mapping`, 'write `name: value` lines below it, indented by two spaces');
    }
  }
}

/**
 * Never offers fresh keys: these keys are set in the devices and at the receivers, and others would
 * fit none of them.
 */
const UNREADABLE_HINT =
  'put the file with the keys of this site in its place (from its backup), owned by the user who runs the gateway, or correct `keys:` in the site file';

const HOW: Readonly<Record<(typeof SECTIONS)[number], { readonly what: string; readonly write: string }>> = {
  devices: {
    what: 'key for device',
    write: '32 hex digits, as the device has them (for a new device: openssl rand -hex 16)',
  },
  paths: {
    what: 'key for path',
    write: '32, 48 or 64 hex digits, or {text: "16, 24 or 32 characters"}, as agreed with the centre',
  },
  mqtt: { what: 'password for MQTT user', write: 'a password of at least 12 characters (openssl rand -base64 18)' },
};

const HOW_TEXT = {
  text: { what: 'secret for path', write: 'the password, PIN or token, as the far end has it' },
  strongText: {
    what: 'secret for path',
    write: 'a random text that both ends sign with (openssl rand -base64 24); give it to the far end',
  },
};

function checkWanted(view: View, wanted: Wanted): void {
  const undecided = new Set(wanted.undecided);
  for (const section of SECTIONS) {
    const own = view.child(section);
    for (const name of wanted[section]) {
      if (own.has(name)) continue;
      const secret = section === 'paths' ? wanted.textPaths.get(name) : undefined;
      const { what, write } = secret === undefined ? HOW[section] : HOW_TEXT[secret];
      view.wrong(section, `there is no ${what} ${name}`, `write under ${section}: the line ${name}: and ${write}`);
    }
    if (!wanted.isWhole) continue;
    const known = new Set(wanted[section]);
    let unknown = 0;
    for (const name of own.keys()) {
      if (known.has(name) || (section === 'devices' && undecided.has(name))) continue;
      unknown += 1;
      // The name is quoted only if it is near a known one: a key pasted in the wrong column is a
      // name, too.
      const near = unknown > COMPARED_MAX ? undefined : nearest(name, known);
      const hint = near === undefined ? 'remove the line if it is left over' : `did you mean ${near}?`;
      own.wrongName(name, 'the site has nothing by this name that needs a key', hint, 'warning');
    }
  }
}

function readSection<T>(section: View, read: (view: View, name: string) => T | undefined): Map<string, T> {
  const found = new Map<string, T>();
  for (const name of section.keys()) {
    const value = read(section, name);
    if (value !== undefined) found.set(name, value);
  }
  return found;
}

function deviceKey(section: View, name: string): Uint8Array | undefined {
  const key = hexToBytes(section.text(name) ?? '');
  if (key?.length !== 16) {
    section.wrong(name, 'a device key must be 16 bytes', `write ${HOW.devices.write}`);
    return undefined;
  }
  return sound(section, name, key, false);
}

function pathKeyBytes(section: View, name: string): Uint8Array | undefined {
  const typed = section.isMapping(name) ? section.child(name) : undefined;
  const text = typed?.text('text');
  if (typed !== undefined && (typed.keys().length !== 1 || text === undefined || !/^[\x21-\x7e]*$/.test(text))) {
    section.wrong(name, 'a typed key is one entry, text, of printable ASCII characters', `write ${HOW.paths.write}`);
    return undefined;
  }
  const key = text === undefined ? hexToBytes(section.text(name) ?? '') : asciiToBytes(text);
  if (key === undefined || ![16, 24, 32].includes(key.length)) {
    section.wrong(name, 'a path key must be 16, 24 or 32 bytes', `write ${HOW.paths.write}`);
    return undefined;
  }
  return sound(section, name, key, text !== undefined);
}

function secretText(section: View, name: string, strong: boolean): string | undefined {
  const text = section.text(name);
  if (strong && (text === undefined || text.length < SHARED_SECRET_LENGTH_MIN || new Set(text).size < 8)) {
    const message = `this secret is missing, shorter than ${SHARED_SECRET_LENGTH_MIN} characters, or repeats a few`;
    section.wrong(name, message, 'write a random one and give it to the far end: openssl rand -base64 24');
    return undefined;
  }
  if (text !== undefined && /^[\x20-\x7e]+$/.test(text) && text.length <= SECRET_LENGTH_MAX) return text;
  section.wrong(
    name,
    'the secret of this path is no line of printable ASCII',
    'write it as the far end gave it to you',
  );
  return undefined;
}

function sound(section: View, name: string, key: Uint8Array, typed: boolean): Uint8Array | undefined {
  const weak = weakness(key, typed);
  if (weak === undefined) return key;
  section.wrong(name, `this key ${weak}`, 'write a random one: openssl rand -hex 16 (32 for AES-256)');
  return undefined;
}

function password(section: View, name: string): string | undefined {
  const text = section.text(name);
  if (text !== undefined && text.length >= PASSWORD_LENGTH_MIN && new Set(text).size >= 5) return text;
  section.wrong(
    name,
    `this password is missing, shorter than ${PASSWORD_LENGTH_MIN} characters, or repeats a few`,
    `write ${HOW.mqtt.write}`,
  );
  return undefined;
}

/**
 * A key that two devices share proves neither of them. Paths may share one: two lines to one
 * receiver. A name that is left over is no device: while a device is renamed, its key stands under
 * both names.
 */
function checkShared(view: View, keys: Pick<Keys, 'devices' | 'paths'>, wanted: Wanted): void {
  const leftOver = (kind: 'devices' | 'paths', name: string) =>
    wanted.isWhole && !wanted[kind].includes(name) && !wanted.undecided.includes(name);
  const owners = new Map<string, { section: View; name: string }>();
  for (const [kind, map] of [
    ['devices', keys.devices],
    ['paths', keys.paths],
  ] as const) {
    const section = view.child(kind);
    for (const [name, key] of map) {
      if (leftOver(kind, name)) continue;
      const hex = bytesToHex(key);
      const owner = owners.get(hex);
      if (owner === undefined) {
        if (kind === 'devices') owners.set(hex, { section, name });
        continue;
      }
      const message = `this key is the same as the one of ${owner.name} at ${owner.section.where(owner.name)}`;
      section.wrong(name, message, 'give each device a key of its own: openssl rand -hex 16');
    }
  }
}

function shellQuoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
