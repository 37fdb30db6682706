import { randomBytes } from 'node:crypto';
import { readFileSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import type { StatusDocument } from '../../../protocol/status-document.ts';
import type { UpdateManifest } from '../../../protocol/update/manifest.ts';
import { compareVersions, isNodeWithin, isVersion } from '../../../protocol/update/versions.ts';
import { readSite } from '../../config/load.ts';
import { takeCensus, trialMinutes } from '../../update/census.ts';
import type { ReleaseDisk } from '../../update/release-disk.ts';
import { INSTALLED_NAME, PROGRAM, type Slot } from '../../update/release-layout.ts';
import type { ReleaseStore } from '../../update/release-store.ts';
import type { Trial } from '../../update/trial-file.ts';
import { unpackRelease } from '../../update/unpack-release.ts';
import { invalid, type VerifiedUpdate } from '../../update/update-file.ts';
import { percent } from '../progress.ts';
import { localTime } from '../terminal-text.ts';
import { checkWithRelease } from './check-release.ts';

export interface InstallOptions {
  readonly file: string;
  readonly config: string;
  readonly data: string;
  readonly by: string;
  /** Of the release that runs this command. */
  readonly version: string;
  readonly allowOlder: boolean;
  /** Default: what the site's supervision needs. */
  readonly trialMinutes?: number;
  readonly settleMs: number;
  show(text: string): void;
}

/** Debian's names of what Node calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armhf' };
/** Left free for the journal of the running gateway. */
const SPARE_BYTES = 64 * 1024 * 1024;
const FILE_BLOCK = 4096;
const MEBIBYTE = 1024 * 1024;

export function refused(why: string): CallpointError {
  return new CallpointError('UPDATE_REFUSED', `${why} Nothing was changed.`);
}

/** @throws CallpointError UPDATE_REFUSED: the update is not for this machine as it is now */
export function refuseUnfit(manifest: UpdateManifest, { version, allowOlder }: InstallOptions): void {
  const machine = ARCHITECTURES[process.arch] ?? process.arch;
  if (manifest.architecture !== 'any' && manifest.architecture !== machine)
    throw refused(`The update is for ${manifest.architecture}, and this machine is ${machine}. Get the one for it.`);
  if (!isNodeWithin(process.version, manifest.node)) {
    const what = `The update needs Node ${manifest.node}, and this machine has ${process.version}`;
    throw refused(`${what}. Install a Node that fits first: the package callpoint-node, or Debian's nodejs.`);
  }
  if (!isVersion(version)) return;
  const order = compareVersions(manifest.version, version);
  if (order === 0) throw refused(`Version ${version} runs already.`);
  if (order < 0 && !allowOlder) {
    const what = `The update is version ${manifest.version}, and ${version} runs`;
    throw refused(`${what}. An older version may have faults that were mended since; --allow-older takes it.`);
  }
}

/** @throws CallpointError UPDATE_REFUSED */
export function refuseFull(directory: string, { content: { unpackedBytes, files } }: UpdateManifest): void {
  const { bavail, bsize, ffree } = statfsSync(directory);
  const needed = unpackedBytes + FILE_BLOCK * files + SPARE_BYTES;
  if (bavail * bsize >= needed && (ffree === 0 || ffree > 2 * files)) return;
  const [free, wanted] = [bavail * bsize, needed].map((bytes) => Math.ceil(bytes / MEBIBYTE));
  throw refused(`The update needs ${wanted} MiB at ${directory}, and ${free} MiB are free. Make room.`);
}

/** What is in the way of a stop, as far as the status shows; the gateway itself decides. */
export function obstacleIn({ alerts, drills, walk_test: test }: StatusDocument): string | undefined {
  const now = new Date();
  const alert = alerts.find(({ mode }) => mode === 'live');
  if (alert !== undefined)
    return `alert ${alert.id} (${alert.text}) is open since ${localTime(alert.raised_at, now)}: callpoint resolve ends it`;
  const [drill] = drills;
  if (drill !== undefined)
    return `a drill runs in ${drill.scope} since ${localTime(drill.started_at, now)}: callpoint drill stop ends it`;
  if (test?.state !== 'running') return undefined;
  const since = test.started_at === undefined ? '' : ` since ${localTime(test.started_at, now)}`;
  return `a walk test runs in ${test.scope}${since}: callpoint walk-test stop ends it`;
}

/** Puts the release beside the current one. Nothing uses it yet. */
export async function prepareRelease(
  update: VerifiedUpdate,
  store: ReleaseStore,
  { file, config, data, show }: InstallOptions,
): Promise<Slot> {
  const { manifest, signedBy } = update;
  const fill = async (directory: string, disk: ReleaseDisk) => {
    await unpackRelease(update.content(), manifest.content, { directory, disk }, (done, all) =>
      show(`Unpacking: ${percent(done, all)}`),
    ).catch((error: unknown) => {
      throw isDiskFault(error) ? diskFault(store, error) : faultOf(file, error);
    });
    refuseOther(file, directory, manifest);
    const { content: _, ...about } = manifest;
    const installed = { ...about, signed_by: signedBy };
    await disk.write(join(directory, INSTALLED_NAME), Buffer.from(`${JSON.stringify(installed, undefined, 2)}\n`));
    show('Checking the site with the new release');
    await checkWithRelease(join(directory, PROGRAM), { config, data });
    show('Writing to the medium');
  };
  try {
    return await store.prepare(fill);
  } catch (error) {
    await store.discard();
    throw error instanceof CallpointError || !isDiskFault(error) ? error : diskFault(store, error);
  }
}

/** What is well now, and how the trial of the new release is judged. */
export async function newTrial(
  manifest: UpdateManifest,
  { to, status }: { readonly to: Slot; readonly status: StatusDocument | undefined },
  store: ReleaseStore,
  options: InstallOptions,
): Promise<Trial> {
  const { config, data, by, version } = options;
  const census = status && takeCensus(status, readSite(config, data).settings?.site);
  const minutes = census === undefined ? (options.trialMinutes ?? 10) : trialMinutes(census, options.trialMinutes);
  return {
    id: randomBytes(8).toString('hex'),
    from: await store.current(),
    to,
    details: {
      version: manifest.version,
      fromVersion: version,
      startedAt: new Date().toISOString(),
      by,
      config: resolve(config),
      data: resolve(data),
      minutes,
      settleMs: options.settleMs,
      ...(census !== undefined && { census }),
    },
  };
}

function refuseOther(file: string, directory: string, { version }: UpdateManifest): void {
  const found = packageIn(directory);
  if (found?.name !== 'callpoint' || found.version !== version)
    throw invalid(file, 'its content is another release than its manifest says');
}

function packageIn(directory: string): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

function faultOf(file: string, error: unknown): CallpointError {
  return error instanceof CallpointError ? error : invalid(file, messageOf(error));
}

export function isDiskFault(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

export function diskFault({ directory }: ReleaseStore, error: unknown): CallpointError {
  const what = `${directory} can't be written: ${messageOf(error)}`;
  return new CallpointError('UPDATE_FAILED', `${what}. The release that runs was not touched.`, { cause: error });
}
