import { isIPv6 } from 'node:net';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { MqttClient } from './settings.ts';

type Role = MqttClient['role'];

/** How many connections may be open at once. */
export interface Room {
  /** Connections that have not logged in: TLS handshakes, silence, half a CONNECT. */
  readonly strangers: number;
  /**
   * The limits for all accounts of a role together, and for one of them. No role can take the
   * places of another.
   */
  readonly roles: Readonly<Record<Role, { readonly together: number; readonly each: number }>>;
}

export const ROOM: Room = {
  strangers: 40,
  roles: {
    operator: { together: 30, each: 20 },
    viewer: { together: 60, each: 40 },
    // One account often serves all buttons of a make, and each button has a connection of its own.
    device: { together: 200, each: 150 },
    reader: { together: 8, each: 8 },
  },
};

/** One connection, from its acceptance until its end. */
export interface Visitor {
  /** The client that this address stands for. */
  readonly source: string;
  /** The address itself. */
  readonly address: string;
  /** Monotonic ms of its last bytes. */
  heardMs: MonoMs;
  close(why: string): void;
}

/** The client whose connection was closed to make room. */
export type Full = { readonly of: 'strangers' } | { readonly of: 'account' | 'role'; readonly account: string };

type Account = Pick<MqttClient, 'name' | 'role'>;

/**
 * Decides who has a place at the broker. It refuses nobody: when all places are taken, it closes an
 * old connection. Before the login it closes the oldest connection of the address that has most of
 * them, so that a flood from one address pushes out its own. After the login it closes the
 * connection that has been silent for longest, because its client is most likely gone.
 */
export class Places {
  readonly #room: Room;
  readonly #full: (full: Full) => void;
  /** Oldest first. */
  readonly #strangers = new Set<Visitor>();
  readonly #members = new Map<Visitor, Account>();

  constructor(room: Room, full: (full: Full) => void) {
    this.#room = room;
    this.#full = full;
  }

  get members(): number {
    return this.#members.size;
  }

  admit(visitor: Visitor): void {
    this.#strangers.add(visitor);
    if (this.#strangers.size <= this.#room.strangers) return;
    const oldest = oldestOfBusiest(this.#strangers);
    if (oldest !== undefined) this.#closeOne(oldest, 'gave way: too many connections wait to log in');
    this.#full({ of: 'strangers' });
  }

  logIn(visitor: Visitor, { name, role }: Account): void {
    this.#strangers.delete(visitor);
    this.#members.set(visitor, { name, role });
    const { together, each } = this.#room.roles[role];
    const ofRole = [...this.#members].filter(([, account]) => account.role === role);
    const ofAccount = ofRole.filter(([, account]) => account.name === name);
    if (ofAccount.length > each) this.#makeRoom('account', ofAccount, visitor);
    else if (ofRole.length > together) this.#makeRoom('role', ofLargestAccount(ofRole), visitor);
  }

  /** The connection gives up its place: it is closed, or it waits for its refusal. */
  leave(visitor: Visitor): void {
    this.#strangers.delete(visitor);
    this.#members.delete(visitor);
  }

  #makeRoom(of: 'account' | 'role', among: readonly (readonly [Visitor, Account])[], newcomer: Visitor): void {
    const others = among.filter(([visitor]) => visitor !== newcomer);
    const [silent] = others.sort(([one], [other]) => one.heardMs - other.heardMs);
    if (silent === undefined) return;
    const [visitor, { name }] = silent;
    this.#closeOne(visitor, 'gave way: its account has too many connections');
    this.#full({ of, account: name });
  }

  #closeOne(visitor: Visitor, why: string): void {
    this.leave(visitor);
    visitor.close(why);
  }
}

/** An IPv4 address is shown as one, also at a listener for both. */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/**
 * An IPv6 network of 64 bits counts as one source, because a host there can use all its addresses.
 */
export function sourceOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + last < 8) groups.push('0');
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function oldestOfBusiest(strangers: ReadonlySet<Visitor>): Visitor | undefined {
  const oldest = new Map<string, { readonly visitor: Visitor; count: number }>();
  for (const visitor of strangers) {
    const known = oldest.get(visitor.source);
    if (known === undefined) oldest.set(visitor.source, { visitor, count: 1 });
    else known.count += 1;
  }
  let busiest: { readonly visitor: Visitor; readonly count: number } | undefined;
  for (const each of oldest.values()) if (each.count > (busiest?.count ?? 0)) busiest = each;
  return busiest?.visitor;
}

function ofLargestAccount(members: readonly (readonly [Visitor, Account])[]): readonly (readonly [Visitor, Account])[] {
  const counts = new Map<string, number>();
  for (const [, { name }] of members) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [largest] = [...counts].sort(([, one], [, other]) => other - one);
  return members.filter(([, { name }]) => name === largest?.[0]);
}
