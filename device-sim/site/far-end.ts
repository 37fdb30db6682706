import { isIP } from 'node:net';
import type { Displayed, Screen, Shown } from './screen.ts';

/**
 * How a far end treats what comes in from now on. Every kind of far end has these; the twins
 * themselves can do more.
 *
 * - `refuse`: turns everything away. Over a network nobody listens; a modem says no; a radio
 *   station rejects.
 * - `hang`: takes whatever comes, shows nothing and says nothing.
 * - `late`: shows at once what comes, and answers `LATE_MS` later.
 * - `loseAnswers`: shows what comes, and its answers are lost.
 * - `drip`: shows what comes, begins an answer and never ends it, a byte a second. On air, at a
 *   pager terminal and a modem: as `hang`.
 */
export type FarEndBehaviour = (typeof FAR_END_BEHAVIOURS)[number];
export const FAR_END_BEHAVIOURS = ['normal', 'refuse', 'hang', 'late', 'loseAnswers', 'drip'] as const;

/** Longer than most paths wait for an answer. */
export const LATE_MS = 5000;

/** Between two bytes of an answer that never ends. */
export const DRIP_MS = 1000;

/** The counterpart of one path. */
export interface FarEnd {
  readonly path: string;
  readonly driver: string;
  /** For a person: "DC-09 receiver on 127.0.0.1:7700". */
  readonly what: string;
  /** Far ends of several paths may share one. */
  readonly screen: Screen;
  /** What a person at the far end sees: each report once. */
  readonly displayed: readonly Displayed[];
  /** What it can do beside `FAR_END_BEHAVIOURS`. */
  readonly ownBehaviours: readonly string[];
  /**
   * Takes effect for what comes in from now on; resolves when it does.
   * @throws RangeError naming what it can do
   */
  behave(how: string): Promise<void>;
  /** @returns a function that ends it */
  on(listener: (shown: Shown) => void): () => void;
  /** Resolves as soon as the condition holds; it is asked whenever something is displayed. */
  until(condition: (end: FarEnd) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** What a far end is made of. */
export interface FarEndParts {
  readonly path: string;
  readonly driver: string;
  readonly what: string;
  readonly screen: Screen;
  readonly behave: (how: FarEndBehaviour) => Promise<void> | void;
  /** What only this kind of far end does, by name. */
  readonly own?: Readonly<Record<string, () => Promise<void> | void>>;
  readonly close: () => Promise<void> | void;
}

export function farEnd({ path, driver, what, screen, behave, own = {}, close }: FarEndParts): FarEnd {
  const ownBehaviours = Object.keys(own);
  const end: FarEnd = {
    ...{ path, driver, what, screen, ownBehaviours },
    displayed: screen.displayed,
    behave: async (how) => {
      const known = FAR_END_BEHAVIOURS.find((each) => each === how);
      if (known !== undefined) await behave(known);
      else if (ownBehaviours.includes(how)) await own[how]?.();
      else
        throw new RangeError(`${path} can't "${how}": it does ${[...FAR_END_BEHAVIOURS, ...ownBehaviours].join(', ')}`);
    },
    on: (listener) => screen.on(listener),
    until: (condition) => screen.until(() => condition(end)),
    close: async () => close(),
  };
  return end;
}

/** What a far end needs beside the site's files. */
export interface FarEndMeans {
  /** What far ends that are reached over TLS prove themselves by, PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Why the far end of a path can't be simulated here, in words. */
export class Unplayable extends Error {}

/** @throws Unplayable unless the host is this machine itself */
export function ownHost(host: string | undefined): string {
  if (host === undefined) throw new Unplayable('its host is missing');
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost') return '127.0.0.1';
  if (bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))) return bare;
  throw new Unplayable(`${host} is not this machine: only loopback addresses are simulated`);
}

/** @throws Unplayable if the far end is to be on TLS and has nothing to prove itself by */
export function tlsOf(means: FarEndMeans): NonNullable<FarEndMeans['tls']> {
  if (means.tls !== undefined) return means.tls;
  throw new Unplayable(
    'it is reached over TLS: give --tls-certificate and --tls-key of a receiver its tls.ca vouches for',
  );
}
