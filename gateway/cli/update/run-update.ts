import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { whileLocked } from '../../system/directory-lock.ts';
import { makeDirectories } from '../../system/make-directories.ts';
import { nodeReleaseDisk } from '../../update/release-disk.ts';
import { RELEASES_DIRECTORY, releasesDirectory } from '../../update/release-layout.ts';
import { type Decision, ReleaseStore } from '../../update/release-store.ts';
import { runTrial } from '../../update/run-trial.ts';
import type { Trial } from '../../update/trial-file.ts';
import { exposure, KEYS_DIRECTORY, readTrustedKeys } from '../../update/trusted-keys.ts';
import { openUpdate, type VerifiedUpdate } from '../../update/update-file.ts';
import { giveWay } from '../give-way.ts';
import { jsonText } from '../json-output.ts';
import { person } from '../person.ts';
import { percent } from '../progress.ts';
import { dataDirectory } from '../site-options.ts';
import { callpointVersion } from '../version.ts';
import { GatewayLink } from './gateway-link.ts';
import {
  diskFault,
  type InstallOptions,
  isDiskFault,
  newTrial,
  obstacleIn,
  prepareRelease,
  refused,
  refuseFull,
  refuseUnfit,
} from './install-update.ts';
import { returnByHand } from './return-release.ts';
import { Steps } from './steps.ts';
import type { UpdateFlags } from './update-flags.ts';
import { updateStatus } from './update-status.ts';
import { decisionText, manifestLines, refusedText } from './update-text.ts';

type Print = (line: string) => void;

const EXIT = { done: 0, refused: 1, onTrial: 3, returned: 4 } as const;
const LOOK_MS = 1_000;
/** The service manager has started a gateway that died, and it answers, ms. */
const RESTARTED_MS = 5_000;

/** @returns the exit code. @throws CallpointError */
export async function runUpdate(file: string | undefined, options: UpdateFlags, out: Print): Promise<number> {
  const asked = [file, options.status, options.return, options.seen, options.resume].filter(
    (each) => each !== undefined,
  );
  if (asked.length !== 1) {
    const what = 'Name a file, or one of --status, --return, --seen and --resume';
    throw new CallpointError('USAGE', `${what}: callpoint update --help shows them.`);
  }
  const directory = releasesDirectory();
  if (options.status) return await updateStatus(new ReleaseStore(directory, nodeReleaseDisk), options, out);
  if (file !== undefined && options.check) return await checkFile(file, options, out);
  prepareDirectory(directory);
  const store = new ReleaseStore(directory, nodeReleaseDisk);
  if (options.seen) return await seen(store, options, out);
  const steps = new Steps(options.json ?? false);
  // The gateway beside it goes first.
  giveWay();
  try {
    if (options.resume) return await resume(store, steps, options, out);
    if (options.return) return await returnByHand(store, { steps, options, watch }, out);
    return await install(store, file ?? '', steps, options, out);
  } catch (error) {
    // A full disk, for one. The service goes on with a trial once there is room.
    throw isDiskFault(error) ? diskFault(store, error) : error;
  } finally {
    steps.end();
  }
}

/** @throws CallpointError UPDATE_REFUSED */
function prepareDirectory(directory: string): void {
  if (directory === RELEASES_DIRECTORY && !existsSync(directory))
    throw refused(`There is no ${directory}: only a Callpoint that was installed from its package can be updated.`);
  try {
    makeDirectories(directory, 0o755);
    accessSync(directory, constants.W_OK);
  } catch (error) {
    const next = process.getuid?.() === 0 ? messageOf(error) : 'only root may update, so run it with sudo';
    throw refused(`${directory} can't be written: ${next}.`);
  }
  // What is in it runs as root.
  const exposed = exposure(directory, statSync(directory));
  if (exposed !== undefined) throw refused(`${exposed}.`);
}

async function checkFile(file: string, options: UpdateFlags, out: Print): Promise<number> {
  const steps = new Steps(options.json ?? false);
  const update = await open(file, steps, options).finally(() => steps.end());
  await update.close();
  const { manifest, signedBy } = update;
  if (options.json) out(jsonText({ ok: true, file, ...manifest, signed_by: signedBy }));
  else for (const line of manifestLines(file, update)) out(line);
  refuseUnfit(manifest, installOptions(file, options, steps));
  return EXIT.done;
}

async function open(file: string, steps: Steps, { keys = KEYS_DIRECTORY }: UpdateFlags): Promise<VerifiedUpdate> {
  const trusted = readTrustedKeys(keys);
  if (trusted.keys.length === 0) {
    const besides = trusted.faults.map((fault) => ` ${fault}.`).join('');
    throw refused(
      `No key is trusted yet: put the public key of who makes your releases into ${keys}, as a .pem file.${besides}`,
    );
  }
  return await openUpdate(file, trusted, (done, all) => steps.show(`Verifying: ${percent(done, all)}`));
}

function installOptions(file: string, options: UpdateFlags, steps: Steps): InstallOptions {
  return {
    file,
    config: options.config,
    data: dataDirectory(options),
    by: person(),
    version: callpointVersion(),
    allowOlder: options.allowOlder ?? false,
    ...(options.trial !== undefined && { trialMinutes: options.trial }),
    settleMs: options.settle * 1000,
    show: (text) => steps.show(text),
  };
}

async function install(
  store: ReleaseStore,
  file: string,
  steps: Steps,
  options: UpdateFlags,
  out: Print,
): Promise<number> {
  const update = await open(file, steps, options);
  try {
    const locked = await whileLocked(store.directory, async () => {
      if (await store.hasTrialFile()) throw onTrialAlready();
      const asked = installOptions(file, options, steps);
      refuseUnfit(update.manifest, asked);
      refuseFull(store.directory, update.manifest);
      return await installLocked(store, update, asked, { steps, options, out });
    });
    if (locked === undefined) throw onTrialAlready();
    return locked.result;
  } finally {
    await update.close();
  }
}

interface Session {
  readonly steps: Steps;
  readonly options: UpdateFlags;
  readonly out: Print;
}

async function installLocked(
  store: ReleaseStore,
  update: VerifiedUpdate,
  asked: InstallOptions,
  { steps, options, out }: Session,
): Promise<number> {
  const gateway = new GatewayLink(asked.data, store.directory, asked.by);
  await withoutObstacle(gateway, steps, options);
  const to = await prepareRelease(update, store, asked);
  for (;;) {
    const status = (await withoutObstacle(gateway, steps, options)) ?? (await afterRestart(gateway, steps, options));
    if (status === undefined && (await gateway.isAlive()))
      throw refused('The gateway runs and does not answer, so it is not known whether an alert is open. See its log.');
    const trial = await newTrial(update.manifest, { to, status }, store, asked);
    await store.begin(trial);
    if (status === undefined) steps.say('No gateway is running: the new release is on trial once it is started.');
    const decision = await watch(trial, store, steps);
    if (decision.result !== 'refused' || !options.wait) return finished(decision, options, out);
    // An alert was raised in the last instant.
    steps.show(refusedText(decision));
    await sleep(LOOK_MS);
  }
}

/** @throws CallpointError UPDATE_REFUSED without `--wait` */
async function withoutObstacle(gateway: GatewayLink, steps: Steps, { wait }: UpdateFlags) {
  for (;;) {
    const status = await gateway.status();
    const obstacle = status && obstacleIn(status);
    if (obstacle === undefined) return status;
    if (!wait) throw refused(`Not now: ${obstacle}. --wait waits for it.`);
    steps.show(`Waiting: ${obstacle}`);
    await sleep(LOOK_MS);
  }
}

/** A gateway that has just died comes back by itself, and knows which alerts are open. */
async function afterRestart(gateway: GatewayLink, steps: Steps, options: UpdateFlags) {
  const endMs = performance.now() + RESTARTED_MS;
  while (performance.now() < endMs) {
    await sleep(LOOK_MS);
    const status = await withoutObstacle(gateway, steps, options);
    if (status !== undefined) return status;
  }
  return undefined;
}

function onTrialAlready(): CallpointError {
  return refused('Another update is under way or on trial: callpoint update --status shows it.');
}

/** Watches the trial. If this process ends, the service goes on. */
async function watch(trial: Trial, store: ReleaseStore, steps: Steps): Promise<Decision> {
  const { data, by } = trial.details;
  // A terminal that closes is no reason to leave the trial.
  process.on('SIGHUP', () => undefined);
  const end = (): void => {
    steps.say('The update goes on without this command: callpoint update --status shows it.');
    process.exit(EXIT.onTrial);
  };
  process.on('SIGINT', end);
  try {
    return await runTrial(trial, {
      store,
      gateway: new GatewayLink(data, store.directory, by),
      nowMs: () => performance.now(),
      nowIso: () => new Date().toISOString(),
      sleep,
      show: (text) => steps.show(text),
    });
  } finally {
    process.off('SIGINT', end);
  }
}

function finished(decision: Decision, options: UpdateFlags, out: Print): number {
  if (decision.result === 'refused') throw refused(refusedText(decision));
  if (options.json) out(jsonText({ ok: decision.result === 'confirmed', ...decision }));
  else for (const line of decisionText(decision)) out(line);
  return decision.result === 'confirmed' || decision.byHand !== undefined ? EXIT.done : EXIT.returned;
}

/** Waits for the command that watches the trial, in case it ends before the trial does. */
async function resume(store: ReleaseStore, steps: Steps, options: UpdateFlags, out: Print): Promise<number> {
  while (await store.hasTrialFile()) {
    const locked = await whileLocked(store.directory, async () => {
      const trial = await store.trial();
      // The scripts see no trial in it either: the current release stays.
      if (trial === undefined) await store.end();
      return trial && (await watch(trial, store, steps));
    });
    const decision = locked?.result;
    if (decision !== undefined) {
      steps.say(decisionText(decision).join(' '));
      if (options.json) out(jsonText({ ok: decision.result === 'confirmed', ...decision }));
    } else if (locked === undefined) await sleep(LOOK_MS);
  }
  return EXIT.done;
}

async function seen(store: ReleaseStore, options: UpdateFlags, out: Print): Promise<number> {
  const decision = await store.decision();
  if (decision?.result === 'returned') await store.decide({ ...decision, seenBy: person() });
  const text = decision?.result === 'returned' ? 'Noted.' : 'No update was returned.';
  out(options.json ? jsonText({ ok: true, text }) : text);
  return EXIT.done;
}
