import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { Deserializer, Serializer } from 'node:v8';
import type { SiteReading } from './accepted-settings.ts';
import { inputsPasswordIn } from './build/inputs-password.ts';
import { firstWarningMs } from './read/pem-files.ts';
import type { Access, ReadText } from './read/read-file.ts';
import type { GatewaySettings } from './settings.ts';

/** What a reading rests on besides the content of its files. */
interface ReadingBasis {
  readonly siteFile: string;
  readonly dataDirectory: string;
  /** Of the code that has read and checked the files: a new version may read them otherwise. */
  readonly build: string;
}

/** A file of a site as it was read. */
export interface FileRead extends Access {
  readonly file: string;
  readonly text: string;
}

/** Before the sealed bytes, for all to read. */
interface Label {
  readonly files: readonly string[];
  /** The reading holds until then: a warning about a certificate begins. Absent: without end. */
  readonly untilMs?: number;
}

const CIPHER = 'aes-256-gcm';
const MAGIC = 'callpoint settings 1\n';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** A site has its own file, its keys, and three files for each of its links. */
const FILES_MAX = 1_000;
const NO_PASSWORD = '';

/**
 * Seals a reading without errors, for the next start with the same files. The key is made from the
 * content of all its files: only who has the keys file can open what is sealed, and it opens only
 * as long as no file, and nothing else that the reading rests on, has changed.
 *
 * @param read every file of the reading, in the order they were read
 * @returns `undefined` if the same files may read otherwise at the next start
 */
export function sealReading(
  reading: SiteReading,
  read: readonly FileRead[],
  basis: ReadingBasis,
  nowMs: number,
): Uint8Array | undefined {
  const { settings, mistakes } = reading;
  if (settings === undefined || mistakes.some(({ ofMachine }) => ofMachine)) return undefined;
  const untilMs = firstWarningMs(settings.certificates.sources);
  if (untilMs <= nowMs) return undefined;
  const label: Label = { files: read.map(({ file }) => file), ...(Number.isFinite(untilMs) && { untilMs }) };
  const head = Buffer.from(`${MAGIC}${JSON.stringify(label)}\n`);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(basis, read), iv).setAAD(head);
  const sealed = cipher.update(written({ ...reading, settings: inputsPasswordIn(settings, NO_PASSWORD) }));
  return Buffer.concat([head, iv, sealed, cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens a sealed reading.
 *
 * @param read reads the files anew
 * @returns `undefined` if it is damaged, or does not hold for these files now
 */
export function openReading(
  sealed: Uint8Array,
  basis: ReadingBasis,
  { read, inputsPassword, nowMs }: { readonly read: ReadText; readonly inputsPassword: string; readonly nowMs: number },
): SiteReading | undefined {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  try {
    const labelEnd = bytes.indexOf('\n', MAGIC.length) + 1;
    if (labelEnd === 0 || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
    const label = JSON.parse(bytes.toString('utf8', MAGIC.length, labelEnd)) as Label;
    const { files, untilMs = Number.POSITIVE_INFINITY } = label;
    if (files[0] !== basis.siteFile || files.length > FILES_MAX || nowMs >= untilMs) return undefined;
    const found = files.map((file) => ({ file, ...read(file) }));
    if (!found.every((each): each is FileRead => 'text' in each)) return undefined;
    const ivEnd = labelEnd + IV_BYTES;
    const decipher = createDecipheriv(CIPHER, keyOf(basis, found), bytes.subarray(labelEnd, ivEnd));
    decipher.setAAD(bytes.subarray(0, labelEnd)).setAuthTag(bytes.subarray(-TAG_BYTES));
    // `final` throws unless these are the bytes that were sealed, with this key.
    const opened = Buffer.concat([decipher.update(bytes.subarray(ivEnd, -TAG_BYTES)), decipher.final()]);
    const { settings, ...rest } = readBack(opened);
    return { ...rest, settings: inputsPasswordIn(settings, inputsPassword) };
  } catch {
    // Torn, forged, of other files or of another program: whatever it is, the files are read.
    return undefined;
  }
}

function keyOf(basis: ReadingBasis, files: readonly FileRead[]): Uint8Array {
  const { siteFile, dataDirectory, build } = basis;
  // Relative names depend on where the process runs, the form of the sealed bytes on Node.
  const from = isAbsolute(siteFile) && isAbsolute(dataDirectory) ? '' : process.cwd();
  const all = [MAGIC, siteFile, dataDirectory, build, from, process.version, process.arch];
  return createHash('sha256')
    .update(JSON.stringify([all, files.map(({ file, uid, gid, mode, text }) => [file, uid, gid, mode, text])]))
    .digest();
}

type AcceptedReading = SiteReading & { readonly settings: GatewaySettings };

/**
 * As messages between threads are written: maps, sets and bytes come out as they went in.
 * `serialize` of the same module would make all bytes views of one buffer, which would stay in
 * memory.
 */
function written(reading: AcceptedReading): Uint8Array {
  const serializer = new Serializer();
  serializer.writeHeader();
  serializer.writeValue(reading);
  return serializer.releaseBuffer();
}

function readBack(bytes: Uint8Array): AcceptedReading {
  const deserializer = new Deserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue() as AcceptedReading;
}
