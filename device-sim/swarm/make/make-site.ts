import type { Random } from '../../random.ts';
import type { SiteFiles } from '../life/life-shape.ts';
import { pick, wholeBetween } from '../streams.ts';
import { shuffled } from './draw.ts';
import { makeBusInput } from './make-bus.ts';
import { makePaths } from './make-paths.ts';
import { makeBoard, makeHeader, makeTags, makeZigbee } from './make-sensors.ts';
import { makeVariant } from './make-variant.ts';
import { SiteDraft } from './site-draft.ts';

const KINDS = ['intruder', 'hold-up', 'medical', 'fire', 'assistance'] as const;

/** A random site that the gateway's loader accepts. */
export function makeSite(random: Random): SiteFiles[] {
  const draft = new SiteDraft(random);
  makeInputs(draft, random);
  makePaths(draft, random);
  makePlans(draft, random);
  makeRules(draft, random);
  const files = draft.files();
  const variant = makeVariant(files, random);
  return [files, variant];
}

function makeInputs(draft: SiteDraft, random: Random): void {
  makeBusInput(draft, random);
  if (random() < 0.25) makeBusInput(draft, random);
  for (const make of [makeHeader, makeBoard, makeTags, makeZigbee]) if (random() < 0.3) make(draft, random);
}

function makePlans(draft: SiteDraft, random: Random): void {
  if (random() < 0.3) return;
  draft.plan.push(planOf(draft, random, ['all']));
  if (random() < 0.5) draft.plan.push(planOf(draft, random, [pick(random, KINDS)]));
}

function planOf({ paths }: SiteDraft, random: Random, kinds: readonly string[]): Record<string, unknown> {
  const ids = shuffled(
    random,
    paths.map(({ id }) => id),
  );
  const count = wholeBetween(random, 1, ids.length);
  const started = wholeBetween(random, 1, count);
  const [first = ''] = paths.map(({ id }) => id);
  // The first path can acknowledge: each plan has it.
  const chosen = [first, ...ids.filter((id) => id !== first)].slice(0, count);
  const start = chosen.slice(0, started);
  const join = chosen.slice(started).map((path) => ({ path, afterSeconds: pick(random, [0, 2, 3, 10, 30]) }));
  const done = random() < 0.2 ? 'handedOver' : 'receiverAcknowledged';
  return { kinds, start, join, done };
}

function makeRules(draft: SiteDraft, random: Random): void {
  if (random() < 0.3) draft.rules.drills = { override: ['long'] };
  draft.rules.deadlines = {
    nextPathSeconds: pick(random, [1, 3, 5]),
    notConfirmedSeconds: pick(random, [10, 15]),
    autoResolveHours: pick(random, [0.1, 1, 24]),
    unsynchronisedHours: 0.5,
  };
  if (random() < 0.5) draft.rules.journal = { directory: 'first', secondDirectory: 'second' };
}
