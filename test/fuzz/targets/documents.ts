import { parseCipherHeader, parseManifest } from '../../../gateway/cli/backup/backup-format.ts';
import { readOffset, readSynchronised } from '../../../gateway/cli/doctor/machine-verdicts.ts';
import { readTable } from '../../../gateway/config/edit/room-table.ts';
import { authorityValidity, ownValidity, whyUnusable } from '../../../gateway/system/certificates.ts';
import { readTrial, trialText } from '../../../gateway/update/trial-file.ts';
import { readEntry } from '../../../protocol/recording/read-entry.ts';
import { encodeEntry, type RecordingEntry } from '../../../protocol/recording/recording.ts';
import { type ReadPiece, RecordingReader } from '../../../protocol/recording/recording-reader.ts';
import { SecretMask } from '../../../protocol/recording/secret-mask.ts';
import { EntryNames } from '../../../protocol/update/entry-names.ts';
import { manifestText, readManifest } from '../../../protocol/update/manifest.ts';
import { compareVersions, isNodeRange, isNodeWithin, isVersion } from '../../../protocol/update/versions.ts';
import { latin1, promise, same, sameInAnyPieces, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const entries: readonly RecordingEntry[] = [
  { type: 'header', version: 1, began: '2026-11-28T14:05:00.000Z', gateway: '0.1.0' },
  { type: 'wire', ms: 0, side: 'input', id: 'bus-1', driver: 'button-bus', baudRate: 38_400 },
  {
    type: 'frame',
    ms: 1.5,
    side: 'path',
    id: 'p',
    direction: 'in',
    bytes: Uint8Array.of(65, 10),
    about: { connection: 1 },
  },
  {
    type: 'frame',
    ms: 2,
    side: 'input',
    id: 'b',
    direction: 'in',
    bytes: Uint8Array.of(255),
    about: { address: 'A', rssiDbm: -60, kind: 'k' },
  },
  { type: 'connection', ms: 3, side: 'path', id: 'p', connection: 1, state: 'open' },
  { type: 'dropped', ms: 4, side: 'path', id: 'p', frames: 2 },
  { type: 'gateway', ms: 5, state: 'lost' },
  { type: 'end', ms: 6, end: 'time', frames: 2, dropped: 0 },
];

/** A file that somebody sent, which may be no recording. */
const recording: FuzzTarget = {
  name: 'recordings',
  seeds: [entries.map((entry) => `${encodeEntry(entry)}\n`).join(''), ...entries.map(encodeEntry)],
  words: [
    '\n',
    '"ms":',
    '"in":"',
    '"inText":"',
    '"input":',
    '"path":',
    '"end":',
    '"frames":',
    '1e999',
    '-0',
    'null',
    '{',
    '}',
    '"__proto__":',
  ],
  slowMs: 100,
  run: (input) => {
    const text = latin1(input);
    const { pieces } = sameInAnyPieces(input, () => {
      const reader = new RecordingReader();
      const pieces: ReadPiece[] = [];
      return {
        push: (chunk) => pieces.push(...reader.push(latin1(chunk))),
        result: () => ({ pieces, end: reader.end() }),
      };
    });
    for (const piece of pieces) if (piece.type === 'entry') rewritten(piece.entry);
    const read = readEntry(text);
    if (read.ok) rewritten(read.entry);
  },
  stream: () => {
    const reader = new RecordingReader();
    return (chunk) => void reader.push(latin1(chunk));
  },
};

function rewritten(entry: RecordingEntry): void {
  const once = readEntry(encodeEntry(entry));
  promise(once.ok, 'an entry that was read can be written and read again');
  const again = readEntry(encodeEntry(once.entry));
  same(again, once, 'the entry as it is read again');
}

const mask: FuzzTarget = {
  name: 'secret-mask',
  seeds: ['password=hunter2, again hunter2x hunhunter2', 'hunter', 'hunter2xyz'],
  words: ['hunter2', 'hunter2xyz', 'hun', 'hunter', 'aaa', 'aab'],
  run: (input) => {
    const secrets = ['hunter2', 'hunter2xyz', 'aaab'].map((each) => new TextEncoder().encode(each));
    const { text } = sameInAnyPieces(input, () => {
      const secret = new SecretMask(secrets);
      const parts: Uint8Array[] = [];
      return {
        push: (chunk) => parts.push(secret.push(chunk)),
        result: () => ({ text: latin1(Buffer.concat([...parts, secret.flush()])) }),
      };
    });
    promise(text.length === input.length, 'a mask keeps the length');
    promise(!text.includes('hunter2') && !text.includes('aaab'), 'no secret is left');
  },
  stream: () => {
    const secret = new SecretMask([new TextEncoder().encode('hunter2')]);
    return (chunk) => void secret.push(chunk);
  },
};

const content = { sha256: 'a'.repeat(64), bytes: 5, files: 1, unpackedBytes: 3 };
const release = {
  version: '1.2.3',
  build: '01234567',
  architecture: 'any',
  node: '>=20.19 <26',
  date: '2026-11-28T14:05:00Z',
  content,
} as const;
const trial = { id: '0123456789abcdef', from: '1.0.0-01234567', to: '1.2.3-01234567', details: {} } as never;

/** Files of an update, a backup and a table, by their first letter. */
const files: FuzzTarget = {
  name: 'update-and-backup',
  seeds: [
    manifestText(release),
    trialText(trial),
    '1.2.3-beta.1 1.2.3-beta.2',
    '>=20.19 <26',
    'a/b\na/B\na\nb/c',
    '{"cipher":"aes-256-gcm","kdf":"scrypt","n":32768,"r":8,"p":1,"salt":"00","nonce":"","check":""}',
    '{"format":1,"version":"1","gateway":"g","made_at":"2026-11-28T14:05:00.000Z","gateway_running":true,"with_journal":true,"files":[]}',
    'System time     : 0.000012 seconds slow of NTP time\nLeap status     : Normal\n',
    '       Offset: +1.234ms\n',
  ],
  words: [
    '"',
    '\n',
    '{',
    '}',
    '.',
    '-',
    '/',
    '..',
    '1e999',
    '"format":',
    '"version":',
    'id=',
    'from=',
    'to=',
    'Offset: ',
    'ms',
    'us ',
    '1.',
    '0.',
  ],
  lengthMax: 16_384,
  slowMs: 100,
  run: (input) => {
    const text = utf8(input);
    const manifest = readManifest(text);
    if (typeof manifest !== 'string')
      same(readManifest(manifestText(manifest)), manifest, 'the manifest as it is read again');
    const read = readTrial(text);
    if (read !== undefined) same(readTrial(trialText(read)), read, 'the trial as it is read again');
    const [one = '', other = '', third = ''] = text.split(' ');
    if (isVersion(one) && isVersion(other)) {
      const order = compareVersions(one, other);
      promise(
        !Number.isNaN(order) && Math.sign(order) === -Math.sign(compareVersions(other, one)),
        'versions have an order',
      );
      const isRising = order < 0 && isVersion(third) && compareVersions(other, third) < 0;
      if (isRising) promise(compareVersions(one, third) < 0, 'the order of versions is one of all');
    }
    if (isNodeRange(text)) isNodeWithin('v20.19.0', text);
    const names = new EntryNames();
    for (const name of text.split('\n')) {
      if (names.add(name) === undefined)
        promise(!name.startsWith('/') && !name.split('/').includes('..'), 'no name leads out');
    }
    parseCipherHeader(text);
    parseManifest(text);
    readOffset(text);
    readSynchronised(text);
  },
};

const table: FuzzTarget = {
  name: 'room-tables',
  seeds: [
    'building,floor,room,room name,kind\nA,1,101,Office,intruder\n',
    'Raum;Raumname\n"1;2";"a ""b"""\n',
    'room\tname\n1\tx',
  ],
  words: [',', ';', '\t', '"', '""', '\n', '\r\n', 'room', 'name', 'key', '=', '\ufeff', 'a'.repeat(201)],
  lengthMax: 8_192,
  slowMs: 2_000,
  run: (input) => {
    const { rows, mistakes } = readTable(utf8(input));
    for (const { line } of [...rows, ...mistakes]) promise(line >= 1, 'each place is a line of the file');
  },
};

const PEM = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----\n';

const certificate: FuzzTarget = {
  name: 'certificate-files',
  seeds: [PEM, PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY'), `${PEM}${PEM}`],
  words: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN ', '\n', 'MII', '=='],
  lengthMax: 65_536,
  slowMs: 500,
  run: (input) => {
    const pem = latin1(input);
    const ca = whyUnusable({ ca: pem });
    if (ca === undefined) authorityValidity(pem);
    const own = whyUnusable({ own: { certificate: pem, key: pem } });
    if (own === undefined) ownValidity(pem);
  },
};

export const documentTargets: readonly FuzzTarget[] = [recording, mask, files, table, certificate];
