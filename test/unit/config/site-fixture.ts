import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSite } from '../../../gateway/config/load.ts';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';

/** A site with a bit of everything and without a fault or a warning. */
export const SITE = `version: 1
gateway: gw-1
site: { name: Northfield School }
buildings:
  - id: A
    name: Main building
    floors:
      - id: "1"
        name: First floor
        rooms:
          - { number: "101", name: Reception }
          - { number: 102 }
      - id: "2"
        rooms:
          - { number: "201" }
  - id: B
    floors: [{ id: G, rooms: [{ number: "101", name: Hall }] }]
kinds:
  lockdown: { name: Lockdown, sia: PA, contactId: "123", silent: false }
inputs:
  - { id: bus-1, driver: button-bus, port: /dev/null }
  - { id: bus-2, driver: button-bus, port: /dev/zero, baudRate: 9600 }
devices:
  - id: wb-101
    input: bus-1
    address: 17
    location: A/1/101
    zone: 117
    buttons:
      - { id: panic, number: 0, kind: intruder, longPress: fire, zone: 101 }
      - { id: lock, number: 1, kind: lockdown, zone: 101 }
    points:
      - { id: door, number: 0, type: doorContact, zone: 301 }
      - { id: bolt, number: 1, type: bolt, zone: 302 }
  - id: wb-102
    input: bus-1
    address: 18
    location: A/1/102
    buttons: [{ id: panic, number: 0, zone: 102 }]
  - id: wb-b101
    input: bus-2
    address: 17
    location: B/G/101
    heartbeatSeconds: 60
    points: [{ id: cover, number: 0, type: tamper }]
paths:
  - id: central
    driver: dc09-tcp
    host: 10.0.0.5
    port: 7700
    account: "1234"
    encrypted: true
    supervision: { mode: auto, intervalSeconds: 20 }
  - id: backup
    driver: dc09-tcp
    host: 10.0.1.5
    port: 7700
    account: 12E4
    encrypted: false
deadlines: { nextPathSeconds: 3, notConfirmedSeconds: 10 }
mqtt:
  broker: embedded
  listen: 127.0.0.1:0
  clients:
    - { name: console, role: viewer }
    - { name: desk, role: operator }
journal: { directory: journal, retainDays: 400 }
`;

export const SECRETS = {
  'wb-101': '5b0d7f3c91e24a68bf13c0d75e9a2847',
  'wb-102': 'e6419c20d83b57fa0c94b1e86d2375af',
  'wb-b101': '93af50d1c7682e4b1fd90a6e35bc4872',
  central: '7d21b9f4063ec85a9f1e40d7b36c82e51ac5973bd08f264e7193acd05b48e6f2',
  console: 'correct-horse-battery',
  desk: 'staple-violet-nineteen',
} as const;

export const KEYS = `devices:
  wb-101: ${SECRETS['wb-101']}
  wb-102: ${SECRETS['wb-102']}
  wb-b101: ${SECRETS['wb-b101']}
paths:
  central: ${SECRETS.central}
mqtt:
  console: ${SECRETS.console}
  desk: ${SECRETS.desk}
`;

interface SiteFiles {
  readonly site: string | Uint8Array;
  readonly keys?: string | Uint8Array | undefined;
  readonly keysMode?: number;
  readonly more?: Readonly<Record<string, string>>;
}

/** Runs `use` with the files in a temporary directory, then removes it. */
export function withSite<T>(files: SiteFiles, use: (siteFile: string, directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-config-'));
  try {
    const keysFile = join(directory, 'keys.yaml');
    const siteFile = join(directory, 'site.yaml');
    writeFileSync(siteFile, files.site);
    if (files.keys !== undefined) {
      writeFileSync(keysFile, files.keys);
      chmodSync(keysFile, files.keysMode ?? 0o600);
    }
    for (const [name, text] of Object.entries(files.more ?? {}))
      writeFileSync(join(directory, name), text, { mode: 0o600 });
    return use(siteFile, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Mistakes with file names as they stand in the directory. */
export function mistakesOf(files: SiteFiles): readonly Mistake[] {
  return withSite(files, (siteFile, directory) =>
    checkSite(siteFile, join(directory, 'data')).map((mistake) => ({
      ...mistake,
      file: mistake.file.slice(directory.length + 1),
    })),
  );
}

/** `text` with `old` (which must be in it) replaced once. */
export function edited(text: string, ...edits: readonly (readonly [old: string, next: string])[]): string {
  return edits.reduce((before, [old, next]) => {
    const at = before.indexOf(old);
    if (at < 0) throw new Error(`the fixture has no ${JSON.stringify(old)}`);
    return before.slice(0, at) + next + before.slice(at + old.length);
  }, text);
}

/** `line:column` of the only place where `needle` stands in `text`. */
export function placeOf(text: string, needle: string): string {
  const at = text.indexOf(needle);
  if (at < 0 || text.indexOf(needle, at + 1) >= 0) throw new Error(`${JSON.stringify(needle)} stands not exactly once`);
  const before = text.slice(0, at).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
