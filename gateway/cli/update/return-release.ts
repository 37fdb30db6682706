import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSite } from '../../config/load.ts';
import { whileLocked } from '../../system/directory-lock.ts';
import { takeCensus, trialMinutes } from '../../update/census.ts';
import { isSlot } from '../../update/release-layout.ts';
import type { Decision, ReleaseStore } from '../../update/release-store.ts';
import type { Trial } from '../../update/trial-file.ts';
import { jsonText } from '../json-output.ts';
import { person } from '../person.ts';
import { dataDirectory } from '../site-options.ts';
import { GatewayLink } from './gateway-link.ts';
import { obstacleIn, refused } from './install-update.ts';
import type { Steps } from './steps.ts';
import type { UpdateFlags } from './update-flags.ts';
import { decisionText, refusedText } from './update-text.ts';

interface Session {
  readonly steps: Steps;
  readonly options: UpdateFlags;
  watch(trial: Trial, store: ReleaseStore, steps: Steps): Promise<Decision>;
}

const LOOK_MS = 500;

/**
 * Goes back to the release before. One on trial is returned by the process that watches it. After
 * that, the release before is on trial itself: it may have been removed by age or be damaged.
 */
export async function returnByHand(
  store: ReleaseStore,
  session: Session,
  out: (line: string) => void,
): Promise<number> {
  const trial = await store.trial();
  const decision = trial === undefined ? await goBack(store, session) : await returnTrial(trial, store, session);
  if (decision.result === 'refused') throw refused(refusedText(decision));
  if (session.options.json) out(jsonText({ ok: true, ...decision }));
  else for (const line of decisionText(decision)) out(line);
  return decision.result === 'confirmed' || decision.byHand !== undefined ? 0 : 4;
}

async function returnTrial(trial: Trial, store: ReleaseStore, { steps, watch }: Session): Promise<Decision> {
  await store.wantReturn(trial, person());
  for (;;) {
    const locked = await whileLocked(store.directory, async () => {
      const still = await store.trial();
      return still?.id === trial.id ? await watch(still, store, steps) : undefined;
    });
    const decision = locked?.result ?? (await store.decision());
    const isOver = locked !== undefined || !(await store.hasTrialFile());
    if (isOver && decision !== undefined) return decision;
    steps.show('Waiting for the release before');
    await sleep(LOOK_MS);
  }
}

async function goBack(store: ReleaseStore, { steps, options, watch }: Session): Promise<Decision> {
  const locked = await whileLocked(store.directory, async () => {
    const last = await store.decision();
    if (last?.result !== 'confirmed') throw refused('There is no update to go back from.');
    const { from: to, fromVersion: version } = last;
    if (isSlot(to) && !(await store.holds(to))) throw refused('The release before is not there any more.');
    const from = await store.current();
    if (from === to) throw refused('The release before runs already.');
    const data = dataDirectory(options);
    const status = await new GatewayLink(data, store.directory, person()).status();
    const obstacle = status && obstacleIn(status);
    if (obstacle !== undefined) throw refused(`Not now: ${obstacle}.`);
    const census = status && takeCensus(status, readSite(options.config, data).settings?.site);
    const trial: Trial = {
      id: randomBytes(8).toString('hex'),
      from,
      to,
      details: {
        version,
        fromVersion: last.version,
        startedAt: new Date().toISOString(),
        by: person(),
        config: resolve(options.config),
        data: resolve(data),
        minutes: census === undefined ? (options.trial ?? 10) : trialMinutes(census, options.trial),
        settleMs: options.settle * 1000,
        ...(census !== undefined && { census }),
      },
    };
    await store.begin(trial);
    return await watch(trial, store, steps);
  });
  if (locked === undefined) throw refused('Another update is under way: callpoint update --status shows it.');
  return locked.result;
}
