import { isIP } from 'node:net';
import { unknownName } from '../known-names.ts';
import type { Displayed, Screen, Shown } from './screen.ts';

/**
 * How a far end treats messages from now on. Every kind of far end has these behaviours; a device
 * twin may have more.
 *
 * - `refuse`: refuses everything. Over a network there is no listener; a modem answers with an
 * error; a radio station rejects.
 * - `hang`: reads everything, shows nothing and answers nothing.
 * - `late`: shows a message at once and answers `LATE_MS` later.
 * - `loseAnswers`: shows messages, but its answers are lost.
 * - `drip`: shows a message, begins an answer and never ends it, one byte per second. On air, at a
 * paging terminal and at a modem it acts as `hang`.
 */
export type FarEndBehaviour = (typeof FAR_END_BEHAVIOURS)[number];
export const FAR_END_BEHAVIOURS = ['normal', 'refuse', 'hang', 'late', 'loseAnswers', 'drip'] as const;

/** A delay beyond the time-out of most paths. */
export const LATE_MS = 5000;

/** Interval between two bytes of an answer that never ends. */
export const DRIP_MS = 1000;

/** The counterpart of one path. */
export interface FarEnd {
  readonly path: string;
  readonly driver: string;
  /** Description for a person: "DC-09 receiver on 127.0.0.1:7700". */
  readonly what: string;
  /** Screen, which the far ends of several paths may share. */
  readonly screen: Screen;
  /** What a person at the far end sees: each report once. */
  readonly displayed: readonly Displayed[];
  /** Names of its behaviours beyond `FAR_END_BEHAVIOURS`. */
  readonly ownBehaviours: readonly string[];
  /**
   * Sets the behaviour towards new messages. Resolves when it is in effect.
   * @throws RangeError naming the behaviours there are
   */
  behave(how: string): Promise<void>;
  /** @returns a function that removes the listener */
  on(listener: (shown: Shown) => void): () => void;
  /** Resolves as soon as the condition holds. It is checked whenever something is displayed. */
  until(condition: (end: FarEnd) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** The parts of a far end. */
export interface FarEndParts {
  readonly path: string;
  readonly driver: string;
  readonly what: string;
  readonly screen: Screen;
  readonly behave: (how: FarEndBehaviour) => Promise<void> | void;
  /** Behaviours of this kind of far end only, by name. */
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
        throw unknownName(`${path} can't "${how}"`, how, [...FAR_END_BEHAVIOURS, ...ownBehaviours], 'it does nothing');
    },
    on: (listener) => screen.on(listener),
    until: (condition) => screen.until(() => condition(end)),
    close: async () => close(),
  };
  return end;
}

/** What a far end needs besides the site's files. */
export interface FarEndMeans {
  /** Certificate and key of far ends that use TLS, as PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** The reason why the far end of a path cannot be simulated here, as text. */
export class Unplayable extends Error {}

/** @throws Unplayable unless the host is this machine */
export function ownHost(host: string | undefined): string {
  if (host === undefined) throw new Unplayable('its host is missing');
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === 'localhost') return '127.0.0.1';
  if (bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))) return bare;
  throw new Unplayable(`${host} is not this machine: only loopback addresses are simulated`);
}

/** @throws Unplayable if the far end needs TLS and has no certificate */
export function tlsOf(means: FarEndMeans): NonNullable<FarEndMeans['tls']> {
  if (means.tls !== undefined) return means.tls;
  throw new Unplayable(
    'it is reached over TLS: give --tls-certificate and --tls-key of a receiver its tls.ca vouches for',
  );
}
