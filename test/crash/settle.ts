import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listAlerts } from '../../gateway/cli/alerts.ts';
import { askQuestion } from '../../gateway/control/ask-gateway.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { verifyJournal } from '../../gateway/journal/verify-journal.ts';
import type { StatusDocument } from '../../protocol/status-document.ts';
import { until } from '../rig/waiting.ts';
import type { World } from './world.ts';

const SETTLED_WITHIN_MS = 40_000;
const POINT_STATES = { door: ['closed', 'open'], bolt: ['locked', 'unlocked'] } as const;

/** Waits until all is as it must be with a gateway that runs. @returns what never came */
export async function settle(world: World): Promise<string[]> {
  const { ledger, site } = world;
  await until(() => ledger.owed.length === 0 && ledger.waiting.length === 0, SETTLED_WITHIN_MS);
  const faults = [
    ...ledger.owed.map(({ alert, told }) => `${alert}: lost; its wall was told ${[...told].join(', ') || 'nothing'}`),
    ...ledger.waiting
      .filter(({ isDisplayed }) => isDisplayed)
      .map(({ alert, told }) => `${alert}: displayed, and its wall was told only ${[...told].join(', ') || 'nothing'}`),
  ];
  let left = ['no status'];
  const untilMs = performance.now() + SETTLED_WITHIN_MS;
  while (left.length > 0 && performance.now() < untilMs) {
    const status = await askQuestion(site.data, 'status').catch(() => undefined);
    left = status === undefined ? ['no status'] : wrongOf(world, status);
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  ledger.forget();
  if (left.length > 0) world.knowsDrill(undefined);
  return [...faults, ...left];
}

function wrongOf(world: World, { alerts, devices, drills }: StatusDocument): string[] {
  const { isDrill, ledger, nodes } = world;
  const open = alerts
    .filter(({ id }) => ledger.isClosed(id))
    .map(({ id }) => `${id}: open, and was answered as closed`);
  const points = nodes.flatMap((node) => {
    const shown = devices.find(({ device }) => device === node)?.points ?? {};
    return (['door', 'bolt'] as const).flatMap((point, number) => {
      const state = POINT_STATES[point][world.isActive(node, number) ? 1 : 0];
      return shown[point]?.state === state ? [] : [`${node} ${point}: ${shown[point]?.state}, and it is ${state}`];
    });
  });
  const drill =
    isDrill === undefined || isDrill === drills.length > 0
      ? []
      : [`drills: ${drills.length}, and answered was ${isDrill}`];
  return [...open, ...points, ...drill];
}

/**
 * What the journal of a gateway that does not run says wrongly.
 *
 * @param isTorn its last write may be unfinished: the next start sees to that
 */
export function journalFaults({ ledger, site }: World, isTorn: boolean): string[] {
  const journal = join(site.data, 'journal');
  // It died before it made one.
  if (!existsSync(journal)) return [];
  const problems = verifyJournal(journal)
    .problems.filter(({ text }) => !isTorn || !text.startsWith('unfinished line'))
    .map(({ file, lineNumber, text }) => `${file}:${lineNumber}: ${text}`);
  const alerts = listAlerts(readJournal(journal)).map(({ id }) => id);
  const known = new Set(ledger.presses.map(({ alert }) => alert));
  return [
    ...problems,
    ...alerts.filter((id, at) => alerts.indexOf(id) !== at).map((id) => `${id}: twice in the journal`),
    ...alerts.filter((id) => !known.has(id)).map((id) => `${id}: in the journal, and nobody has pressed it`),
  ];
}
