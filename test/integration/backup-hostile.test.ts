import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Header } from 'tar/header';
import { expect, test } from 'vitest';
import { readBackup } from '../../gateway/cli/backup/read-backup.ts';
import { tarEntry } from '../../gateway/cli/backup/tar-entries.ts';
import { TAR_END } from '../../gateway/system/tar-blocks.ts';
import { BackupRig, COUNTERS, PASSPHRASE, SESSION } from './backup-rig.ts';

type Written = readonly [name: string, content: string, header?: Partial<ConstructorParameters<typeof Header>[0]>];

/** A backup as somebody else makes it: right in all but what the test wants wrong. */
function forged(entries: readonly Written[], manifest: object = {}): Buffer {
  const files = entries.map(([name, content]) => {
    const sha256 = createHash('sha256').update(content).digest('hex');
    return {
      name,
      bytes: content.length,
      sha256,
      modified_ms: 0,
      ...(name === 'site/keys.yaml' && { written: 'keys.yaml' }),
    };
  });
  const about = { format: 1, version: '0', gateway: 'g', made_at: '2026-10-01T00:00:00.000Z', gateway_running: false };
  const all = [
    ...entries,
    ['manifest.json', JSON.stringify({ ...about, with_journal: true, files, ...manifest })] as Written,
  ];
  return gzipSync(Buffer.concat([...all.flatMap(blocks), TAR_END]));
}

function blocks([name, text, special]: Written): Buffer[] {
  const content = Buffer.from(text);
  const parts = tarEntry({ name, content, modifiedMs: 0 });
  if (special === undefined) return parts;
  const block = Buffer.alloc(512);
  new Header({ path: name, size: content.length, mode: 0o644, mtime: new Date(0), type: 'File', ...special }).encode(
    block,
  );
  return [block, ...parts.slice(1)];
}

const SITE: Written = ['site/site.yaml', 'version: 1\n'];

async function refusal(rig: BackupRig, bytes: Buffer): Promise<string> {
  const file = join(rig.root, 'forged');
  writeFileSync(file, bytes);
  const error = await rig.restore(file, 'drop').then(
    () => 'restored',
    (refused: Error) => refused.message.replace(`${file} can't be restored: `, ''),
  );
  if (error !== 'restored') expect(existsSync(join(rig.root, 'new'))).toBe(false);
  return error;
}

test.each<[string, Buffer, RegExp]>([
  ['a name that leads out', forged([['../../etc/passwd', 'x']]), /which no backup has/],
  ['a name from the root', forged([['/etc/passwd', 'x']]), /which no backup has/],
  ['a name that leads out behind a good beginning', forged([['site/../../x.yaml', 'x']]), /which no backup has/],
  [
    'a symbolic link',
    forged([['site/site.yaml', '', { type: 'SymbolicLink', linkpath: '/etc/passwd' }]]),
    /no plain file/,
  ],
  ['a hard link', forged([['site/site.yaml', '', { type: 'Link', linkpath: '/etc/shadow' }]]), /no plain file/],
  ['a device', forged([['site/site.yaml', '', { type: 'BlockDevice' }]]), /no plain file/],
  ['a directory', forged([['site/site.yaml', '', { type: 'Directory' }]]), /no plain file|no backup has/],
  ['a name twice', forged([SITE, SITE]), /site\/site\.yaml twice/],
  ['a size that is a lie', forged([['site/site.yaml', 'x', { size: 2 ** 40 }]]), /larger than a backup/],
  ['a file that is not in its list', forged([SITE], { files: [] }), /not those that it lists/],
  [
    'a list with a file that is not there',
    forged([], { files: [{ name: 'site/site.yaml', bytes: 1, sha256: 'a'.repeat(64), modified_ms: 0 }] }),
    /not those that it lists/,
  ],
  ['a list that no gateway wrote', forged([SITE], { files: 'all' }), /no gateway wrote its list/],
  ['a later format', forged([SITE], { format: 2 }), /later version of Callpoint/],
  ['no list', gzipSync(Buffer.concat([...blocks(SITE), TAR_END])), /its end is missing/],
  ['no end', gzipSync(Buffer.concat(blocks(SITE))), /its end is missing/],
  ['more behind the end', gzipSync(Buffer.concat([gunzipSync(forged([SITE])), Buffer.from('more')])), /behind its end/],
  ['a compressed file of another kind', gzipSync('hello, world '.repeat(100)), /no tar file/],
  ['nothing', Buffer.alloc(0), /no backup/],
  ['a picture', Buffer.from('89504e470d0a1a0a', 'hex'), /no backup/],
  ['the encryption of a later version', Buffer.from('callpoint-backup 2\n{}\n'), /later version of Callpoint/],
  [
    'a header that takes the memory',
    Buffer.from(
      `callpoint-backup 1\n${JSON.stringify({ cipher: 'aes-256-gcm', kdf: 'scrypt', n: 2 ** 30, r: 8, p: 1, salt: 'a'.repeat(32), nonce: 'a'.repeat(24), check: 'a'.repeat(32) })}\n${'x'.repeat(99)}`,
    ),
    /first lines are damaged/,
  ],
])('%s is refused, and nothing is written', async (_what, bytes, why) => {
  expect(await refusal(await BackupRig.with([]), bytes)).toMatch(why);
});

test('a bomb is refused before it is unpacked to the disk', async () => {
  const zeros = Buffer.alloc(65 * 1024 * 1024);
  const block = Buffer.alloc(512);
  new Header({ path: 'site/site.yaml', size: zeros.length, mode: 0o644, mtime: new Date(0), type: 'File' }).encode(
    block,
  );
  expect(
    await refusal(await BackupRig.with([]), gzipSync(Buffer.concat([block, zeros, TAR_END]), { level: 1 })),
  ).toMatch(/larger than a backup/);
});

test('a backup chooses no place outside the directory of the site, and no hidden file', async () => {
  for (const written of ['/etc/cron.d/x', 'a/../../x', 'pem/.ssh/x']) {
    const rig = await BackupRig.with([]);
    const file = join(rig.root, 'forged');
    const sha256 = createHash('sha256').update('k').digest('hex');
    const site = createHash('sha256').update('version: 1\n').digest('hex');
    const files = [
      { name: 'site/site.yaml', bytes: 11, sha256: site, modified_ms: 0 },
      { name: 'site/pem/0.pem', bytes: 1, sha256, modified_ms: 0, written },
    ];
    writeFileSync(file, forged([SITE, ['site/pem/0.pem', 'k']], { files }));
    const { notes, written: places } = await rig.restore(file);
    expect(places).toContain(join(rig.root, 'new', 'outside', '0.pem'));
    expect(notes.join('\n')).toContain(`site.yaml names ${JSON.stringify(written)}`);
  }
});

test('a link in the place of a file is not followed', async () => {
  const rig = await BackupRig.with([SESSION]);
  const file = await rig.backup();
  mkdirSync(join(rig.root, 'new'));
  symlinkSync(join(rig.root, 'victim'), join(rig.root, 'new', 'keys.yaml'));
  await expect(rig.restore(file)).rejects.toMatchObject({ code: 'DIRECTORY_NOT_EMPTY' });
  expect(existsSync(join(rig.root, 'victim'))).toBe(false);
});

test('an encrypted backup that was changed or cut anywhere is refused', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS]);
  const file = await rig.backup({ passphrase: PASSPHRASE });
  const whole = readFileSync(file);
  // Deriving the key takes its time: some places of each part of the file.
  const body = whole.indexOf('}\n') + 2;
  for (const at of [60, body + 500, whole.length - 1]) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    writeFileSync(file, changed);
    await expect(readBackup(file, PASSPHRASE)).rejects.toMatchObject({
      code: expect.stringMatching(/^BACKUP_(INVALID|LOCKED)$/),
    });
  }
  writeFileSync(file, whole);
  for (const length of [whole.length - 1, body + 16, 3]) {
    truncateSync(file, length);
    await expect(readBackup(file, PASSPHRASE)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  }
  writeFileSync(file, Buffer.concat([whole, Buffer.from('x')]));
  await expect(readBackup(file, PASSPHRASE)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
});

test('a plain backup that was changed or cut anywhere is refused, or is the same', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS]);
  const file = await rig.backup();
  const whole = readFileSync(file);
  const manifest = await readBackup(file, undefined);
  for (let at = 0; at < whole.length; at += 3) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(at) ^ 4, at);
    writeFileSync(file, changed);
    // The header of gzip holds a time and a system, which say nothing.
    const read = await readBackup(file, undefined).catch(({ code }) => code);
    if (read !== 'BACKUP_INVALID') expect(read).toEqual(manifest);
  }
  for (let length = whole.length - 1; length >= 0; length -= 11) {
    writeFileSync(file, whole.subarray(0, length));
    await expect(readBackup(file, undefined)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  }
});

test('another passphrase is told from damage, and é is one letter however it is typed', async () => {
  const rig = await BackupRig.with([SESSION]);
  const file = await rig.backup({ passphrase: 'café corridor lantern' });
  await expect(readBackup(file, 'cafe corridor lantern')).rejects.toMatchObject({ code: 'BACKUP_LOCKED' });
  await expect(readBackup(file, undefined)).rejects.toMatchObject({ code: 'BACKUP_LOCKED' });
  expect(await readBackup(file, 'cafe\u0301 corridor lantern')).toMatchObject({ gateway: 'gw-test' });
});
