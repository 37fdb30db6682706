import { type FileHandle, open, realpath, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Access } from '../../config/read/read-file.ts';
import type { GatewaySettings } from '../../config/settings.ts';
import { authorityValidity, ownValidity } from '../../system/certificates.ts';
import { monoMs, wallMs } from '../../system/clock.ts';
import { errorCode } from '../../system/error-code.ts';
import { mountOf } from '../../system/mounts.ts';
import { dataFaults } from '../check-data.ts';
import { type Finding, ok, type Probe, problem, unknown, warning } from './finding.ts';
import { contentOf, type Roots } from './machine-probes.ts';
import {
  certificateVerdict,
  diskVerdict,
  filesVerdict,
  keysVerdict,
  ownerVerdict,
  spaceVerdict,
  syncVerdict,
} from './storage-verdicts.ts';

/** As often as a press or two would write, so that a running gateway hardly notices it. */
const SYNCS = 20;
const SYNC_BYTES = 4096;

interface Places {
  readonly dataDirectory: string;
  /** Absent: the configuration does not say. */
  readonly journal?: GatewaySettings['journal'];
  readonly keysFile?: string;
}

export function storageProbes({ dataDirectory, journal, keysFile }: Places, roots: Roots): readonly Probe[] {
  const directories = journal?.directories ?? [];
  const retainBytes = journal?.retainBytes ?? 0;
  const disks = directories.length > 0 ? directories : [dataDirectory];
  return [
    { subject: 'data directory', look: () => directoryFindings(dataDirectory, directories) },
    ...disks.map((directory, at) => ({
      subject: at === 0 ? 'journal disk' : 'second journal disk',
      look: () => diskFindings(directory, { roots, retainBytes, hasSecond: disks.length > 1 }),
    })),
    ...(directories.length > 1 ? [{ subject: 'second directory', look: () => secondFindings(directories) }] : []),
    ...(keysFile === undefined ? [] : [{ subject: 'keys', look: () => keysFindings(keysFile, dataDirectory) }]),
  ];
}

export function certificateProbe(certificates: GatewaySettings['certificates']): Probe {
  const look = () =>
    certificates.sources.flatMap(({ name, ca, certificate }) => [
      ...(ca === undefined ? [] : [ended(`${name}: authority ${ca.written}`, () => authorityValidity(ca.text))]),
      ...(certificate === undefined
        ? []
        : [ended(`${name}: certificate ${certificate.written}`, () => ownValidity(certificate.text))]),
    ]);
  return { subject: 'certificates', look };
}

function ended(name: string, validity: () => { readonly notAfterMs: number }): Finding {
  try {
    return certificateVerdict(name, validity().notAfterMs, wallMs());
  } catch {
    // The library's error may quote the file.
    return problem(`${name} is damaged`, 'Put the PEM file there that you were given.');
  }
}

async function directoryFindings(directory: string, journals: readonly string[]): Promise<Finding[]> {
  const access = await accessOf(directory);
  if (access === undefined) {
    const faults = dataFaults(directory, journals);
    if (faults.length > 0) return faults.map((fault) => problem(fault, 'callpoint run could not make it.'));
    return [warning(`${directory} is not there yet`, 'callpoint run makes it. Is --data right?')];
  }
  const owner = ownerVerdict(directory, access, process.getuid?.() ?? 0);
  // `dataFaults` holds up the whole process. A disk that hangs is found here, within the time.
  for (const each of [directory, ...journals]) await touch(each);
  const faults = dataFaults(directory, journals);
  return [owner, ...faults.map((fault) => problem(fault, 'Without records a restart forgets open alerts.'))];
}

/** Writes and syncs something, and removes it. Why it failed is found out by others. */
async function touch(directory: string): Promise<void> {
  const path = join(directory, `.callpoint-touch-${process.pid}`);
  try {
    const file = await open(path, 'wx', 0o600);
    await file.sync();
    await file.close();
    await rm(path, { force: true });
  } catch {
    // It can't be written, or is not there: `dataFaults` says which.
  }
}

interface Disk {
  readonly roots: Roots;
  readonly retainBytes: number;
  readonly hasSecond: boolean;
}

async function diskFindings(directory: string, { roots, retainBytes, hasSecond }: Disk): Promise<Finding[]> {
  if ((await accessOf(directory)) === undefined) {
    return [
      unknown(
        `${directory} is not there yet: its disk is not measured`,
        'Run this again after the gateway has started.',
      ),
    ];
  }
  const { bavail, bsize, files, ffree } = await statfs(directory);
  const mountinfo = (await contentOf(join(roots.proc, 'self/mountinfo'))) ?? '';
  const mount = mountOf(mountinfo, await realpath(directory));
  return [
    mount === undefined
      ? unknown(`the disk of ${directory} is not known`, 'Look at it with df -T.')
      : diskVerdict(directory, mount, { hasSecond, isRemovable: await isRemovable(mount.source, roots) }),
    spaceVerdict(directory, bavail * bsize, retainBytes),
    ...filesVerdict(directory, files, ffree),
    await measured(directory),
  ];
}

async function isRemovable(source: string, { sys }: Roots): Promise<boolean> {
  const disk = /^\/dev\/(sd[a-z]+)\d*$/.exec(source)?.[1];
  return disk !== undefined && (await contentOf(join(sys, 'block', disk, 'removable')))?.trim() === '1';
}

/** Writes and syncs a file of its own, then removes it. */
async function measured(directory: string): Promise<Finding> {
  const path = join(directory, `.callpoint-doctor-${process.pid}`);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx', 0o600);
    const syncsMs: number[] = [];
    for (let round = 0; round < SYNCS; round++) {
      const beganMs = monoMs();
      await file.write(Buffer.alloc(SYNC_BYTES, round), 0, SYNC_BYTES, round * SYNC_BYTES);
      await file.datasync();
      syncsMs.push(monoMs() - beganMs);
    }
    return syncVerdict(directory, syncsMs);
  } catch (error) {
    const code = errorCode(error) ?? String(error);
    return unknown(`${directory} cannot be measured: ${code}`, 'Run this as the user who runs the gateway.');
  } finally {
    await file?.close();
    if (file !== undefined) await rm(path, { force: true });
  }
}

async function secondFindings(directories: readonly string[]): Promise<Finding[]> {
  const devices = await Promise.all(directories.map(async (each) => (await accessOf(each))?.dev));
  const [first, second] = devices;
  if (first === undefined || second === undefined) return [];
  if (first !== second) return [ok('the second directory is on another disk than the first')];
  return [warning('both journal directories are on one disk', 'Put secondDirectory on another disk.')];
}

async function keysFindings(file: string, dataDirectory: string): Promise<Finding[]> {
  const access = await accessOf(file);
  if (access === undefined) return [problem(`${file} is not there`, 'Put the keys of this site there (backup).')];
  return [keysVerdict(file, access, (await accessOf(dataDirectory))?.uid)];
}

/** `undefined`: there is nothing. */
async function accessOf(path: string): Promise<(Access & { readonly dev: number }) | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
