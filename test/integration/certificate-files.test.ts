import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CertificateFiles, type PemFile } from '../../gateway/system/certificate-files.ts';
import type { LinkPem } from '../../gateway/system/certificates.ts';
import { madePair } from './support/made-certificates.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  while (cleanups.length > 0) cleanups.pop()?.();
});

const authority = madePair({ subject: 'authority' });
const first = madePair({ subject: 'gw-1', issuer: authority });
const second = madePair({ subject: 'gw-1', issuer: authority });

/** A certificate, its key and its authority on disk, and the reports about them. */
function watched() {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-certificates-'));
  cleanups.push(() => rmSync(directory, { recursive: true }));
  const told: string[] = [];
  const taken: LinkPem[] = [];
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text, { mode: 0o600 });
  const file = (name: string, text: string): PemFile => {
    write(name, text);
    return { written: name, path: join(directory, name), text };
  };
  const source = {
    of: 'path.central',
    name: 'path central',
    ca: file('ca.pem', authority.certificate),
    certificate: file('own.pem', first.certificate),
    key: file('own.key', first.key),
  };
  const files = new CertificateFiles([source], {
    renewed: (_source, pem) => void taken.push(pem),
    refused: (_source, why, { own }) =>
      void told.push(`${why}; in use: ${own?.key === first.key ? 'first' : 'second'}`),
    unchanged: (_source, { own }) => void told.push(`in use again: ${own?.key === first.key ? 'first' : 'second'}`),
  });
  cleanups.push(() => files.stop());
  return { directory, write, files, told, taken };
}

describe('certificate files', () => {
  test('that stay as they are, or are written again as they were, are nothing new', async () => {
    const { write, files, told, taken } = watched();
    await files.check();
    write('own.pem', first.certificate);
    await files.check();
    await files.check();
    expect([told, taken]).toEqual([[], []]);
  });

  test('that are renewed are taken together', async () => {
    const { write, files, told, taken } = watched();
    await files.check();
    write('own.pem', second.certificate);
    write('own.key', second.key);
    await files.check();
    await files.check();
    expect(told).toEqual([]);
    const { certificate, key } = second;
    expect(taken).toEqual([{ ca: authority.certificate, own: { certificate, key } }]);
  });

  test('that are renewed before the first look are taken', async () => {
    const { write, files, taken } = watched();
    write('own.pem', second.certificate);
    write('own.key', second.key);
    await files.check();
    expect(taken).toHaveLength(1);
  });

  test('that are half written are left alone, and told once if they stay so', async () => {
    const { write, files, told, taken } = watched();
    await files.check();
    write('own.pem', second.certificate);
    await files.check();
    expect(told).toEqual([]);
    await files.check();
    await files.check();
    expect(told).toEqual(['the private key does not belong to the certificate; in use: first']);
    write('own.key', second.key);
    await files.check();
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, 300)],
    ['empty', () => ''],
    ['no certificate', () => 'nothing'],
  ])('that are %s are not taken, nor quoted', async (_, spoil) => {
    const { write, files, told, taken } = watched();
    write('ca.pem', spoil(authority.certificate));
    for (let check = 0; check < 3; check++) await files.check();
    expect(told).toEqual(['a certificate or key is damaged, cut short or needs a passphrase; in use: first']);
    expect(taken).toEqual([]);
  });

  test('that vanish leave in use what was, and are taken when they are back', async () => {
    const { directory, write, files, told, taken } = watched();
    await files.check();
    rmSync(join(directory, 'own.key'));
    for (let check = 0; check < 3; check++) await files.check();
    expect(told).toEqual([`the file "own.key" can't be read (ENOENT); in use: first`]);
    write('own.key', second.key);
    write('own.pem', second.certificate);
    await files.check();
    expect(taken).toHaveLength(1);
  });

  test.each([
    ['come back', 'own.moved'],
    ['are restored from a copy', 'own.copy'],
  ])('that vanish and %s are in use again, and told so once', async (_, name) => {
    const { directory, write, files, told, taken } = watched();
    await files.check();
    if (name === 'own.copy') write(name, first.key);
    renameSync(join(directory, 'own.key'), join(directory, 'own.moved'));
    for (let check = 0; check < 3; check++) await files.check();
    renameSync(join(directory, name), join(directory, 'own.key'));
    for (let check = 0; check < 3; check++) await files.check();
    expect(told).toEqual([expect.stringContaining('ENOENT'), 'in use again: first']);
    expect(taken).toEqual([]);
    rmSync(join(directory, 'own.key'));
    for (let check = 0; check < 3; check++) await files.check();
    expect(told).toHaveLength(3);
  });

  test('in use whose key becomes readable to every user are told: the next start would refuse them', async () => {
    const { directory, files, told } = watched();
    await files.check();
    chmodSync(join(directory, 'own.key'), 0o644);
    for (let check = 0; check < 3; check++) await files.check();
    expect(told).toEqual(['every user of this machine has access to the private key; in use: first']);
    chmodSync(join(directory, 'own.key'), 0o600);
    for (let check = 0; check < 3; check++) await files.check();
    expect(told.slice(1)).toEqual(['in use again: first']);
  });

  test('with a key that every user may read are not taken, as at a start', async () => {
    const { directory, write, files, told, taken } = watched();
    write('own.pem', second.certificate);
    write('own.key', second.key);
    chmodSync(join(directory, 'own.key'), 0o644);
    for (let check = 0; check < 2; check++) await files.check();
    expect(told).toEqual([expect.stringContaining('every user')]);
    chmodSync(join(directory, 'own.key'), 0o600);
    await files.check();
    expect(taken).toHaveLength(1);
  });

  test('behind a link that is turned to others are taken', async () => {
    const { directory, write, files, taken } = watched();
    write('second.pem', second.certificate);
    write('second.key', second.key);
    await files.check();
    for (const name of ['pem', 'key']) {
      symlinkSync(`second.${name}`, join(directory, `new.${name}`));
      renameSync(join(directory, `new.${name}`), join(directory, `own.${name}`));
    }
    await files.check();
    expect(taken).toHaveLength(1);
  });
});
