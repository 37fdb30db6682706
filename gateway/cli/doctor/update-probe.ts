import { nodeReleaseDisk } from '../../update/release-disk.ts';
import { releasesDirectory } from '../../update/release-layout.ts';
import { isUnseen, ReleaseStore } from '../../update/release-store.ts';
import { type Finding, ok, type Probe, problem, warning } from './finding.ts';

/** Longer than any trial, ms: nobody watches it. */
const FORGOTTEN_MS = 25 * 60 * 60_000;

export function updateProbe(store = new ReleaseStore(releasesDirectory(), nodeReleaseDisk), nowMs = Date.now()): Probe {
  const look = async (): Promise<readonly Finding[]> => {
    const [trial, last] = await Promise.all([store.trial(), store.decision()]);
    if (trial !== undefined) {
      const { version, startedAt } = trial.details;
      const text = `version ${version} is on trial since ${startedAt}`;
      return nowMs - Date.parse(startedAt) > FORGOTTEN_MS
        ? [problem(`${text}, and nobody watches it`, 'systemctl start callpoint-update.path')]
        : [warning(text, 'Wait until it is confirmed or returned: callpoint update --status.')];
    }
    if (last === undefined) return [];
    if (!isUnseen(last)) return [ok(`the last update, version ${last.version}, was ${last.result}`)];
    return [
      warning(
        `version ${last.version} was returned: ${last.reasons.join('; ')}`,
        'callpoint update --seen says that this was seen.',
      ),
    ];
  };
  return { subject: 'update', look };
}
