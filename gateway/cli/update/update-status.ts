import { join } from 'node:path';
import { nodeReleaseDisk } from '../../update/release-disk.ts';
import { isSlot, type ReleaseName, releasesDirectory } from '../../update/release-layout.ts';
import { type Decision, isUnseen, ReleaseStore } from '../../update/release-store.ts';
import type { Trial } from '../../update/trial-file.ts';
import { jsonText } from '../json-output.ts';
import { localTime } from '../terminal-text.ts';
import type { UpdateFlags } from './update-flags.ts';
import { decisionText } from './update-text.ts';

const EXIT = { ok: 0, onTrial: 3, returned: 4 } as const;

interface UpdateState {
  readonly current: ReleaseName;
  /** Of the current release, if an update brought it. */
  readonly installed?: { readonly version?: string; readonly signed_by?: { readonly name: string } };
  readonly trial?: Trial;
  readonly last?: Decision;
}

async function stateOf(store: ReleaseStore): Promise<UpdateState> {
  const [current, trial, last] = await Promise.all([store.current(), store.trial(), store.decision()]);
  const installed = isSlot(current) ? parsed(await store.installed(current)) : undefined;
  return {
    current,
    ...(installed !== undefined && { installed }),
    ...(trial !== undefined && { trial }),
    ...(last !== undefined && { last }),
  };
}

/** For `callpoint status`: the release on trial. A machine without updates has none. */
export async function onTrialLines(): Promise<readonly string[]> {
  const store = new ReleaseStore(releasesDirectory(), nodeReleaseDisk);
  const trial = await store.trial().catch(() => undefined);
  return trial === undefined ? [] : trialLines(trial);
}

/** @returns the exit code */
export async function updateStatus(store: ReleaseStore, options: UpdateFlags, out: (line: string) => void) {
  const state = await stateOf(store);
  const { current, trial, last } = state;
  const isReturned = isUnseen(last);
  if (options.json) {
    const { details, ...about } = trial ?? {};
    const { census: _, ...more } = details ?? {};
    const shown = trial === undefined ? {} : { trial: { ...about, ...more } };
    out(jsonText({ ok: trial === undefined && !isReturned, current, installed: state.installed, ...shown, last }));
  } else for (const line of stateLines(state, store.directory)) out(line);
  if (trial !== undefined) return EXIT.onTrial;
  return isReturned ? EXIT.returned : EXIT.ok;
}

function stateLines({ current, installed, trial, last }: UpdateState, directory: string): string[] {
  const version = installed?.version === undefined ? '' : `, version ${installed.version}`;
  const signed = installed?.signed_by === undefined ? '' : `, signed by ${installed.signed_by.name}`;
  const where = isSlot(current) ? `the release in ${join(directory, current)}` : 'the packaged release';
  return [
    `Current: ${where}${version}${signed}.`,
    ...(trial === undefined ? [] : trialLines(trial)),
    ...(last === undefined ? ['No update was made yet.'] : lastLines(last)),
  ];
}

function trialLines({ details }: Trial): string[] {
  const { version, fromVersion, startedAt, by, minutes } = details;
  const since = localTime(startedAt, new Date());
  return [
    `On trial: version ${version} since ${since}, started by ${by}, for at most ${minutes} minutes; before it ran ${fromVersion}.`,
  ];
}

function lastLines(last: Decision): string[] {
  const [first = '', ...others] = decisionText(last);
  return [`Last update, ${localTime(last.at, new Date())}: ${first}`, ...others.map((line) => `  ${line}`)];
}

function parsed(text: string | undefined): UpdateState['installed'] {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
