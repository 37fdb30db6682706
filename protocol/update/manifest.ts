import { isNodeRange, isVersion } from './versions.ts';

/*
 * An update is a plain tar file (POSIX.1-1988 ustar) of three files in this order: the manifest,
 * its signatures, and the compressed release. The signatures cover the manifest's exact bytes, and
 * the manifest covers the release by its hash. So nothing has to be unpacked to verify the file.
 */
export const MANIFEST_NAME = 'manifest.json';
export const SIGNATURES_NAME = 'manifest.sig';
export const CONTENT_NAME = 'release.tar.gz';

export const MANIFEST_BYTES_MAX = 16 * 1024;
/** One line for each signature, so that a release can be signed with the old and the new key. */
export const SIGNATURES_MAX = 8;
export const SIGNATURE_BYTES = 64;

/** Larger than any release that fits on the machines it is for. */
export const CONTENT_BYTES_MAX = 512 * 1024 * 1024;
const UNPACKED_BYTES_MAX = 1024 * 1024 * 1024;
const FILES_MAX = 50_000;

const FORMAT = 1;
const PRODUCT = 'callpoint';
/** A signature of this key for anything else is none for an update. */
const SIGNED_PREFIX = 'callpoint update manifest v1\0';

const ARCHITECTURES = ['amd64', 'arm64', 'armhf', 'any'] as const;
type Architecture = (typeof ARCHITECTURES)[number];

export interface UpdateManifest {
  readonly version: string;
  /** The content of its programs: `BUILD_ID`. */
  readonly build: string;
  /** Debian's name of the machines that it is for. */
  readonly architecture: Architecture;
  /** As `engines.node` in package.json. */
  readonly node: string;
  /** When it was made: ISO 8601 UTC. */
  readonly date: string;
  readonly content: ReleaseContent;
}

/** The compressed release, and what it unpacks to. */
export interface ReleaseContent {
  readonly sha256: string;
  readonly bytes: number;
  readonly files: number;
  /** Sum of the sizes of its files. */
  readonly unpackedBytes: number;
}

export function manifestText({ content, ...manifest }: UpdateManifest): string {
  const { sha256, bytes, files, unpackedBytes } = content;
  const document = {
    format: FORMAT,
    product: PRODUCT,
    ...manifest,
    content: { sha256, bytes, files, unpacked_bytes: unpackedBytes },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** What a signature is made of. */
export function signedBytes(manifest: Uint8Array): Uint8Array {
  const prefix = Uint8Array.from(SIGNED_PREFIX, (each) => each.charCodeAt(0));
  const bytes = new Uint8Array(prefix.length + manifest.length);
  bytes.set(prefix);
  bytes.set(manifest, prefix.length);
  return bytes;
}

/** @returns a text about what is wrong */
export function readManifest(text: string): UpdateManifest | string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return 'its manifest is no JSON';
  }
  if (!isObject(document)) return 'its manifest is no JSON object';
  const { format, product, version, build, architecture, node, date, content } = document;
  if (product !== PRODUCT) return 'it is for another product';
  if (format !== FORMAT) return 'it is in a format that this version does not know';
  if (typeof version !== 'string' || !isVersion(version)) return 'its manifest has no version';
  if (typeof build !== 'string' || !/^[0-9a-f]{8,64}$/.test(build)) return 'its manifest has no build';
  const known = ARCHITECTURES.find((each) => each === architecture);
  if (known === undefined) return 'its manifest has no architecture that this version knows';
  if (typeof node !== 'string' || !isNodeRange(node)) return 'its manifest has no range of Node versions';
  if (typeof date !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(date))
    return 'its manifest has no date';
  const read = readContent(content);
  if (typeof read === 'string') return read;
  return { version, build, architecture: known, node, date, content: read };
}

function readContent(content: unknown): ReleaseContent | string {
  if (!isObject(content)) return 'its manifest says nothing of its content';
  const { sha256, bytes, files, unpacked_bytes: unpackedBytes } = content;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return 'its manifest has no hash of its content';
  if (!isCount(bytes, CONTENT_BYTES_MAX) || !isCount(files, FILES_MAX) || !isCount(unpackedBytes, UNPACKED_BYTES_MAX))
    return 'its manifest has no sizes, or larger ones than a release can have';
  return { sha256, bytes, files, unpackedBytes };
}

function isCount(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= most;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
