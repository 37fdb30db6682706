import type { Duplex } from 'node:stream';
import { LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';
import { quoted } from './access.ts';
import type { BrokerSink } from './broker.ts';
import { RateLimit } from './rate-limit.ts';
import type { MqttNotice } from './thread-messages.ts';

/** Clients of one account, or without a login, that are remembered as turned away. */
const REMEMBERED_MAX = 16;
/** A stranger becomes a trouble at this many refusals: a port scan makes fewer. */
const STRANGER_REFUSALS_MIN = 3;
/** A client that has not come again for this long has given up, or was removed. */
const STRANGER_FORGOTTEN_MS = 3_600_000;
/** A sleeping node may try once in a day. */
const CLIENT_FORGOTTEN_MS = 25 * 3_600_000;
const SWEEP_MS = 60_000;

/** A client, as far as the broker knows it. */
export interface Caller {
  readonly address: string;
  readonly clientId?: string;
  /** The account whose password it has given. Absent: the caller has proven nothing. */
  readonly account?: string;
  /** The configured account whose name it has given, without the right password. */
  readonly claims?: string;
  /** The user name that it has given, for the log only. */
  readonly userName?: string;
  readonly connection?: Duplex;
}

/** Why the broker turns a client away. */
export interface Cause extends Pick<MqttNotice, 'event'> {
  readonly level?: MqttNotice['level'];
  /** For a caller that has proven nothing: holds nothing that the caller chose. */
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
  /** False: only the log has it. */
  readonly isTrouble?: boolean;
}

interface TurnedAwayTimes {
  /** A client is well when it has been connected for this long without being turned away, ms. */
  readonly steadyMs: number;
  /** A stranger becomes a trouble only if it still comes this long after its first refusal, ms. */
  readonly persistMs: number;
}

interface Entry {
  readonly caller: Omit<Caller, 'connection'>;
  event: string;
  detail: string;
  readonly firstMs: MonoMs;
  lastMs: MonoMs;
  count: number;
}

/** The clients of one account. `account` undefined: all that have not logged in. */
interface Group {
  readonly account: string | undefined;
  readonly entries: Map<string, Entry>;
  /** What the core has as standing; `undefined`: nothing stands. */
  reported: string | undefined;
  /** A trouble of an earlier thread or run may still stand. */
  mayStand: boolean;
  readonly rewordings: RateLimit;
}

/**
 * Reports whom the broker turns away and why: each time in the log, and as a standing trouble that
 * ends when the client connects well.
 *
 * A client that has given the right password is named at once, in one trouble for each account.
 * Callers that have proven nothing share one trouble, which begins only when one of them comes
 * again and again and holds nothing that they chose. So a stranger can cause one trouble at most.
 */
export class TurnedAwayClients {
  readonly #sink: BrokerSink;
  readonly #times: TurnedAwayTimes;
  readonly #clock: () => MonoMs;
  readonly #startMs: MonoMs;
  readonly #strangers: Group;
  #accounts: ReadonlyMap<string, Group>;
  /** Connections on which a client was turned away. */
  readonly #unwell = new WeakSet<Duplex>();
  /** Errors of which the log has the cause: the library reports them again as the client's. */
  readonly #reported = new WeakSet<Error>();
  readonly #sweeping: NodeJS.Timeout;

  constructor(sink: BrokerSink, accounts: readonly string[], times: TurnedAwayTimes, clock: () => MonoMs) {
    this.#sink = sink;
    this.#times = times;
    this.#clock = clock;
    this.#startMs = clock();
    this.#strangers = this.#group(undefined);
    this.#accounts = new Map(accounts.map((account) => [account, this.#group(account)]));
    this.#sweeping = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  /** The accounts have changed. */
  setAccounts(accounts: readonly string[]): void {
    this.#accounts = new Map(accounts.map((account) => [account, this.#accounts.get(account) ?? this.#group(account)]));
  }

  /** @returns the error to end the connection with, unless the client keeps it */
  turnAway(caller: Caller, cause: Cause): Error {
    const { event, level = 'warn', what, advice, isTrouble = true } = cause;
    this.#sink.notice({ level, event, detail: `${loggedAs(caller)}: ${what}; ${advice} (${whereOf(caller)})` });
    if (isTrouble && caller.connection !== undefined) this.#unwell.add(caller.connection);
    if (isTrouble) this.#remember(caller, event, `${reportedAs(caller)}: ${what}; ${advice}`);
    const error = new Error(what);
    this.#reported.add(error);
    return error;
  }

  /** True if this error ends a connection whose cause the log has. */
  isReported(error: Error): boolean {
    return this.#reported.has(error);
  }

  /** The client has logged in. It is well if it stays, or leaves by itself. */
  admitted(caller: Caller & { readonly connection: Duplex }): void {
    const { connection } = caller;
    const group = this.#groupOf(caller);
    if (group.entries.size === 0 && !group.mayStand && this.#strangers.entries.size === 0) return;
    const admittedMs = this.#clock();
    let isDone = false;
    const well = (): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      if (!this.#unwell.has(connection)) this.#well(caller, admittedMs);
    };
    const timer = setTimeout(well, this.#times.steadyMs);
    timer.unref();
    connection.once('close', well);
  }

  stop(): void {
    clearInterval(this.#sweeping);
  }

  #group(account: string | undefined): Group {
    // A client that changes its fault all the time must not fill the journal.
    const rewordings = new RateLimit(1 / 60, 2, this.#clock());
    return { account, entries: new Map(), reported: undefined, mayStand: true, rewordings };
  }

  #groupOf({ account }: Caller): Group {
    return (account === undefined ? undefined : this.#accounts.get(account)) ?? this.#strangers;
  }

  #remember({ connection: _, ...caller }: Caller, event: string, detail: string): void {
    const nowMs = this.#clock();
    const group = this.#groupOf(caller);
    const key = caller.account === undefined ? `${caller.address} ${event}` : `${caller.clientId}`;
    const entry = group.entries.get(key);
    if (entry === undefined) {
      if (group.entries.size >= REMEMBERED_MAX) forgetOne(group.entries, this.#standing(group));
      group.entries.set(key, { caller, event, detail, firstMs: nowMs, lastMs: nowMs, count: 1 });
    } else {
      entry.count += 1;
      entry.lastMs = nowMs;
      if (entry.event !== event) Object.assign(entry, { event, detail });
    }
    this.#assess(group);
  }

  /** A client that was turned away after this one logged in is another one. */
  #well(caller: Caller, admittedMs: MonoMs): void {
    const { account, address, clientId } = caller;
    const group = this.#groupOf(caller);
    for (const [key, entry] of group.entries) {
      if (entry.lastMs > admittedMs) continue;
      // A client that makes up its id at each start comes from the same address.
      if (entry.caller.clientId === clientId || entry.caller.address === address) group.entries.delete(key);
    }
    if (group.entries.size === 0) this.#assess(group, true);
    for (const [key, { caller: stranger, lastMs }] of this.#strangers.entries) {
      if (lastMs > admittedMs) continue;
      const isSame = stranger.claims === undefined || stranger.claims === account;
      if (stranger.address === address && isSame) this.#strangers.entries.delete(key);
    }
    if (this.#strangers.reported !== undefined) this.#assess(this.#strangers);
  }

  /** @param isSettled whether a trouble of an earlier thread or run is known to be over as well */
  #assess(group: Group, isSettled = false): void {
    const detail = this.#standing(group)?.detail;
    const mayEnd = isSettled && detail === undefined && group.mayStand;
    if (detail === group.reported && !mayEnd) return;
    if (detail !== undefined && group.reported !== undefined && !group.rewordings.allows(this.#clock())) return;
    group.reported = detail;
    group.mayStand = false;
    this.#sink.turnedAway(group.account, detail !== undefined, detail ?? 'over');
  }

  /** The client that the trouble names: the one that was turned away first. */
  #standing({ account, entries }: Group): Entry | undefined {
    for (const entry of entries.values()) {
      const isPersistent =
        entry.count >= STRANGER_REFUSALS_MIN && entry.lastMs - entry.firstMs >= this.#times.persistMs;
      if (account !== undefined || isPersistent) return entry;
    }
    return undefined;
  }

  #sweep(): void {
    const nowMs = this.#clock();
    for (const group of [this.#strangers, ...this.#accounts.values()]) {
      const forgottenMs = group.account === undefined ? STRANGER_FORGOTTEN_MS : CLIENT_FORGOTTEN_MS;
      let latestMs: number = group.entries.size === 0 ? this.#startMs : LONG_AGO_MS;
      for (const [key, { lastMs }] of group.entries) {
        latestMs = Math.max(latestMs, lastMs);
        if (nowMs - lastMs >= forgottenMs) group.entries.delete(key);
      }
      this.#assess(group, nowMs - latestMs >= forgottenMs);
    }
  }
}

/**
 * Forgets the client with the fewest refusals, of those the oldest. Never the one that the trouble
 * names: others would end and begin it again and again.
 */
function forgetOne(entries: Map<string, Entry>, named: Entry | undefined): void {
  let fewest: readonly [string, Entry] | undefined;
  for (const each of entries) {
    if (each[1] !== named && (fewest === undefined || each[1].count < fewest[1].count)) fewest = each;
  }
  if (fewest !== undefined) entries.delete(fewest[0]);
}

function loggedAs({ account, userName }: Caller): string {
  if (account !== undefined) return `client ${quoted(account)}`;
  return userName === undefined ? 'a client without login' : `user ${quoted(userName)}`;
}

function whereOf({ address, clientId }: Caller): string {
  const from = `from ${address === '' ? 'an unknown address' : address}`;
  return clientId === undefined ? from : `client id ${quoted(clientId)}, ${from}`;
}

function reportedAs(caller: Caller): string {
  if (caller.account !== undefined) return `${quoted(caller.account)}, ${whereOf(caller)}`;
  const as = caller.claims === undefined ? '' : `, as ${quoted(caller.claims)}`;
  return `not logged in${as}, from ${caller.address}`;
}
