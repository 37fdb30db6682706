import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Header } from 'tar/header';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TAR_END } from '../../../gateway/system/tar-blocks.ts';
import { nodeReleaseDisk } from '../../../gateway/update/release-disk.ts';
import { readTrustedKeys } from '../../../gateway/update/trusted-keys.ts';
import { unpackRelease } from '../../../gateway/update/unpack-release.ts';
import { openUpdate } from '../../../gateway/update/update-file.ts';
import { writeUpdate } from '../../../gateway/update/write-update.ts';
import { signedBytes } from '../../../protocol/update/manifest.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-update-file-'));
afterAll(() => rmSync(root, { recursive: true }));

const maker = generateKeyPairSync('ed25519');
const keysDirectory = join(root, 'keys');
const good = join(root, 'good.update');
const MANIFEST = {
  ...{ version: '1.2.3', build: 'ab'.repeat(8), node: '>=20', date: '2026-11-29T00:00:00Z' },
  architecture: 'any' as const,
};

beforeAll(async () => {
  const release = join(root, 'release');
  mkdirSync(join(release, 'dist/gateway/cli'), { recursive: true });
  writeFileSync(join(release, 'dist/gateway/cli/main.js'), 'hello');
  writeFileSync(join(release, 'package.json'), '{}');
  mkdirSync(keysDirectory);
  writeFileSync(join(keysDirectory, 'maker.pem'), pem(maker.publicKey));
  await writeUpdate({ directory: release, file: good, manifest: MANIFEST, keys: [maker.privateKey] });
});

function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

async function opened(bytes: Uint8Array, directory = keysDirectory) {
  const file = join(root, 'tried.update');
  writeFileSync(file, bytes);
  const update = await openUpdate(file, readTrustedKeys(directory));
  await update.close();
  return update;
}

describe('a signed file', () => {
  test('is opened, and says what it is and who signed it', async () => {
    const { manifest, signedBy } = await opened(readFileSync(good));
    expect(manifest).toMatchObject({ version: '1.2.3', content: { files: 2, unpackedBytes: 7 } });
    expect(signedBy.name).toBe('maker.pem');
  });

  test('is unpacked as it was', async () => {
    const update = await openUpdate(good, readTrustedKeys(keysDirectory));
    const directory = join(root, 'unpacked');
    mkdirSync(directory);
    await unpackRelease(update.content(), update.manifest.content, { directory, disk: nodeReleaseDisk });
    await update.close();
    expect(readFileSync(join(directory, 'dist/gateway/cli/main.js'), 'utf8')).toBe('hello');
  });

  test('with any byte changed, or cut off anywhere, is refused', async () => {
    const whole = readFileSync(good);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        // Parts of a header that say nothing here, such as the date, are not covered, and harmless.
        const outcome = await opened(bytes).catch((error: { code?: string }) => error.code);
        if (typeof outcome === 'object')
          expect(outcome.manifest.content).toEqual((await opened(whole)).manifest.content);
        else expect(['UPDATE_INVALID', 'UPDATE_REFUSED']).toContain(outcome);
        await expect(opened(whole.subarray(0, at))).rejects.toMatchObject({ code: 'UPDATE_INVALID' });
      }),
      { numRuns: 60 },
    );
  });

  test('of another key, or with a signature for something else, is refused', async () => {
    const others = join(root, 'others');
    mkdirSync(others);
    writeFileSync(join(others, 'other.pem'), pem(generateKeyPairSync('ed25519').publicKey));
    await expect(opened(readFileSync(good), others)).rejects.toMatchObject({ code: 'UPDATE_REFUSED' });
    const manifest = Buffer.from('{}');
    const forged = outer(manifest, `${sign(null, manifest, maker.privateKey).toString('base64')}\n`, Buffer.from('x'));
    await expect(opened(forged)).rejects.toThrow(/not signed by a key that this machine trusts/);
    const signed = outer(
      manifest,
      `${sign(null, signedBytes(manifest), maker.privateKey).toString('base64')}\n`,
      Buffer.from('x'),
    );
    await expect(opened(signed)).rejects.toThrow(/another product/);
  });
});

describe('a key', () => {
  test.each([
    [
      'that others can write',
      () => chmodSync(join(root, 'bad/k.pem'), 0o666),
      /can be written by other users: chmod go-w/,
    ],
    [
      'that is private',
      () => writeFileSync(join(root, 'bad/k.pem'), maker.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      /private key/,
    ],
    [
      'of another kind',
      () => writeFileSync(join(root, 'bad/k.pem'), pem(generateKeyPairSync('x25519').publicKey)),
      /no Ed25519 key/,
    ],
    ['that is none', () => writeFileSync(join(root, 'bad/k.pem'), 'garbage'), /no public key/],
    [
      'behind a link',
      () => {
        rmSync(join(root, 'bad/k.pem'));
        symlinkSync(join(keysDirectory, 'maker.pem'), join(root, 'bad/k.pem'));
      },
      /no file with a key/,
    ],
    [
      'in a directory that others can write',
      () => chmodSync(join(root, 'bad'), 0o777),
      /can be written by other users/,
    ],
  ])('%s is not trusted', (_, spoil, fault) => {
    rmSync(join(root, 'bad'), { recursive: true, force: true });
    mkdirSync(join(root, 'bad'), { mode: 0o755 });
    writeFileSync(join(root, 'bad/k.pem'), pem(maker.publicKey));
    spoil();
    const { keys, faults } = readTrustedKeys(join(root, 'bad'));
    expect(keys).toEqual([]);
    expect(faults.join()).toMatch(fault);
  });

  test('may be missing: no directory is no key', () => {
    expect(readTrustedKeys(join(root, 'nowhere'))).toEqual({ keys: [], faults: [] });
  });
});

type Fields = NonNullable<Exclude<ConstructorParameters<typeof Header>[0], Buffer>>;
const HUGE = { sha256: '', bytes: 1, files: 100, unpackedBytes: 1_000_000 };

describe('the content of a signed file', () => {
  test.each<readonly [string, readonly (readonly [Fields, string])[], RegExp]>([
    ['a name that leads out', [[{ path: '../x' }, 'x']], /which no release has/],
    ['an absolute name', [[{ path: '/etc/x' }, 'x']], /which no release has/],
    ['a name within that leads out', [[{ path: 'a/../../x' }, 'x']], /which no release has/],
    ['a symbolic link', [[{ path: 'x', type: 'SymbolicLink', linkpath: '/etc' }, '']], /no plain file/],
    ['a hard link', [[{ path: 'x', type: 'Link', linkpath: 'y' }, '']], /no plain file/],
    ['a device', [[{ path: 'x', type: 'CharacterDevice' }, '']], /no plain file/],
    ['a pipe', [[{ path: 'x', type: 'FIFO' }, '']], /no plain file/],
    ['a long name of pax', [[{ path: 'x', type: 'ExtendedHeader' }, '12 path=../x\n']], /no plain file/],
    ['a mode of set-user-id', [[{ path: 'x', mode: 0o4755 }, 'x']], /mode of programs of root/],
    [
      'a name twice',
      [
        [{ path: 'x' }, 'x'],
        [{ path: 'x' }, 'y'],
      ],
      /twice/,
    ],
    [
      'names that differ by case',
      [
        [{ path: 'x' }, 'x'],
        [{ path: 'X' }, 'y'],
      ],
      /case/,
    ],
    [
      'directories that differ by case',
      [
        [{ path: 'a/x' }, 'x'],
        [{ path: 'A/y' }, 'y'],
      ],
      /case/,
    ],
    [
      'a file below a file',
      [
        [{ path: 'x' }, 'x'],
        [{ path: 'x/y' }, 'y'],
      ],
      /below a file/,
    ],
    [
      'a file for a directory',
      [
        [{ path: 'x/y' }, 'x'],
        [{ path: 'x' }, 'y'],
      ],
      /as a directory/,
    ],
    ['less than it says', [[{ path: 'x' }, 'x']], /less than its manifest says/],
  ])('with %s is refused, and nothing is outside', async (_, entries, fault) => {
    const directory = mkdtempSync(join(root, 'inner-'));
    const packed = gzipSync(tar(entries));
    await expect(
      unpackRelease(pieces(packed), HUGE, { directory: join(directory, 'in'), disk: diskIn(directory) }),
    ).rejects.toThrow(fault);
    expect(existsSync(join(directory, 'x'))).toBe(false);
  });

  test('that unpacks to more than it says stops there', async () => {
    const bomb = gzipSync(tar([[{ path: 'x' }, '\0'.repeat(50_000_000)]]), { level: 9 });
    const directory = mkdtempSync(join(root, 'bomb-'));
    const limits = { ...HUGE, unpackedBytes: 1000 };
    await expect(unpackRelease(pieces(bomb), limits, { directory, disk: nodeReleaseDisk })).rejects.toThrow(
      /more than/,
    );
    const zeros = gzipSync(Buffer.concat([TAR_END, Buffer.alloc(50_000_000)]));
    await expect(unpackRelease(pieces(zeros), limits, { directory, disk: nodeReleaseDisk })).rejects.toThrow(
      /more than/,
    );
  });

  test('of any bytes is refused, and never leaves the directory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), async (bytes, isPacked) => {
        const directory = mkdtempSync(join(root, 'any-'));
        const content = isPacked ? gzipSync(bytes) : Buffer.from(bytes);
        await expect(unpackRelease(pieces(content), HUGE, { directory, disk: nodeReleaseDisk })).rejects.toThrow();
      }),
      { numRuns: 50 },
    );
  });
});

function diskIn(directory: string) {
  mkdirSync(join(directory, 'in'));
  return nodeReleaseDisk;
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 7000) yield bytes.subarray(at, at + 7000);
}

function tar(entries: readonly (readonly [Fields, string])[]): Buffer {
  return Buffer.concat([...entries.flatMap(([fields, text]) => blocks(fields, Buffer.from(text))), TAR_END]);
}

function outer(manifest: Buffer, signatures: string, content: Buffer): Buffer {
  const parts = [
    ...blocks({ path: 'manifest.json' }, manifest),
    ...blocks({ path: 'manifest.sig' }, Buffer.from(signatures)),
    ...blocks({ path: 'release.tar.gz' }, content),
  ];
  return Buffer.concat([...parts, TAR_END]);
}

function blocks(fields: Fields, content: Buffer): Buffer[] {
  const block = Buffer.alloc(512);
  new Header({ mode: 0o644, size: content.length, type: 'File', ...fields }).encode(block);
  return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
