import type { MonoMs } from '../../protocol/clocks.ts';
import type { Signal } from './signal.ts';
import type { Path, Site } from './site.ts';

/** Has the report at once, and can't acknowledge it, as a pager. */
export const INTERNAL_PAGER = 'pager';
/** Joins by a timer, and acknowledges. */
const INTERNAL_RECEIVER = 'receiver';

const INPUT = 'internal';
const DEVICE = 'internal-press';
const BUTTON = 0;
const KIND = 'internal';
/** Long enough that the alert waits for a timer, and short enough that nothing else happens. */
const JOIN_MS = 20;
const DAY_MS = 86_400_000;

function path(id: string): Path {
  return {
    id,
    parallel: 4,
    formats: 1,
    attemptTimeoutMs: 4_000,
    attemptTimeoutMsMax: 20_000,
    retryMs: 500,
    retryMsMax: 30_000,
    // Each internal press proves it.
    supervision: { mode: 'off', intervalMs: DAY_MS, testIntervalMs: DAY_MS, downAfter: 2, upAfter: 2 },
    liveOnly: false,
    takesUpdates: false,
    yields: false,
  };
}

const PLACE = { building: KIND, floor: KIND, room: KIND };

/**
 * One wall node, one pager and one receiver that exist nowhere. They belong to no site: a press of
 * this node is handled by a core of its own, so it touches no number, count or document of the
 * site.
 */
export const INTERNAL_SITE: Site = {
  gateway: INPUT,
  name: INPUT,
  deadlines: { nextPathMs: 3_000, notConfirmedMs: 10_000, autoResolveMs: DAY_MS },
  kinds: new Map([
    [
      KIND,
      {
        id: KIND,
        name: KIND,
        sia: 'PA',
        siaRestore: 'PR',
        contactId: '120',
        silent: false,
        category: 'Safety',
      },
    ],
  ]),
  inputs: [{ id: INPUT }],
  devices: new Map([
    [
      DEVICE,
      {
        id: DEVICE,
        input: INPUT,
        location: { ...PLACE, text: KIND, names: PLACE },
        zone: 0,
        area: 0,
        heartbeatMs: 0,
        missedHeartbeats: 3,
        counterOnly: false,
        watched: false,
        wiresSupervised: null,
        silent: false,
        buttons: new Map([[BUTTON, { id: KIND, number: BUTTON, zone: 0, kind: KIND }]]),
        points: new Map(),
      },
    ],
  ]),
  outputs: [],
  paths: [path(INTERNAL_PAGER), path(INTERNAL_RECEIVER)],
  plans: new Map(),
  plan: {
    steps: [
      { path: INTERNAL_PAGER, afterMs: 0 },
      { path: INTERNAL_RECEIVER, afterMs: JOIN_MS },
    ],
    done: 'receiverAcknowledged',
  },
  doors: [],
  drillOverride: new Set(),
};

/** The input is open. */
export const INTERNAL_INPUT_UP = { input: INPUT, state: 'up', detail: 'internal' } as const;

/** @param counter rises by one with each press */
export function internalPress(counter: number, capturedMs: MonoMs): Signal {
  return {
    input: INPUT,
    device: DEVICE,
    authenticated: true,
    capturedMs,
    identity: { epoch: 1, counter },
    body: { type: 'press', button: BUTTON, pattern: 'single' },
  };
}
