import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import { createDc09Driver, type Dc09Services } from '../../gateway/paths/dc09/driver.ts';
import type { Dc09Settings, Dc09UdpSettings } from '../../gateway/paths/dc09/settings.ts';
import { createDc09UdpDriver } from '../../gateway/paths/dc09/udp-driver.ts';
import type { PathDriver } from '../../gateway/paths/path-driver.ts';

export interface Rig {
  readonly driver: PathDriver;
  /** Attempt number and monotonic ms, in order. */
  readonly sent: readonly { readonly attempt: number; readonly atMs: number }[];
  readonly outcomes: ReadonlyMap<number, Outcome>;
  /** Number of outcomes reported, including repeats. */
  outcomeCount(): number;
  /** Sends a report (or a poll, if there is none) and waits for the outcome. */
  send(attempt: Partial<Attempt>): Promise<Outcome>;
  outcome(attempt: number): Promise<Outcome>;
}

export const baseReport: Report = {
  id: 'wb-101.5.17',
  class: 'alarm',
  sia: 'HA',
  contactId: '122',
  qualifier: 1,
  zone: 101,
  area: 1,
  text: 'Intruder, Main building, Floor 1, Rm 101 Reception',
  occurredMs: Date.UTC(2026, 0, 2, 3, 4, 5),
};

const account = {
  id: 'cms',
  host: '127.0.0.1',
  account: '1234',
  prefix: '0',
  receiver: '0',
  formats: ['SIA-DCS', 'ADM-CID'],
  timestamp: true,
} as const;

export function settingsFor(port: number, extra: Partial<Dc09Settings> = {}): Dc09Settings {
  return { driver: 'dc09-tcp', ...account, port, connections: 4, connectTimeoutMs: 500, ...extra };
}

/** No repeat falls within a test. */
export const ONCE = { resendMs: 60_000 };

/** Lost datagrams are repeated soon. On a busy machine others are repeated, too. */
export function udpSettingsFor(port: number, extra: Partial<Dc09UdpSettings> = {}): Dc09UdpSettings {
  return { driver: 'dc09-udp', ...account, port, inFlight: 4, resendMs: 20, ...extra };
}

export function attemptOf(attempt: number, extra: Partial<Attempt> = {}): Attempt {
  const number = { attempt, path: 'cms', sequence: attempt, clockOffsetMs: 0, format: 0 };
  return { ...number, report: { ...baseReport, id: `wb-101.5.${attempt}` }, ...extra };
}

/** Returns a poll: no report, sequence 0. */
export function pollOf(attempt: number): Attempt {
  return { attempt, path: 'cms', sequence: 0, clockOffsetMs: 0, format: 0 };
}

/** Starts a driver whose outcomes can be awaited. */
export function startRig(settings: Dc09Settings | Dc09UdpSettings, services: Partial<Dc09Services> = {}): Rig {
  const sent: { attempt: number; atMs: number }[] = [];
  const outcomes = new Map<number, Outcome>();
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let count = 0;
  const sink = {
    sent: (_path: string, attempt: number, atMs: number) => void sent.push({ attempt, atMs }),
    outcome: (_path: string, attempt: number, outcome: Outcome) => {
      count += 1;
      outcomes.set(attempt, outcome);
      waiting.get(attempt)?.(outcome);
    },
  };
  const all = { nowWallMs: Date.now, ...services };
  const driver =
    settings.driver === 'dc09-tcp' ? createDc09Driver(settings, sink, all) : createDc09UdpDriver(settings, sink, all);
  driver.start();
  const outcome = (attempt: number) => {
    const known = outcomes.get(attempt);
    return known !== undefined
      ? Promise.resolve(known)
      : new Promise<Outcome>((resolve) => waiting.set(attempt, resolve));
  };
  let next = 1000;
  return {
    driver,
    sent,
    outcomes,
    outcomeCount: () => count,
    outcome,
    send(extra) {
      const attempt = extra.attempt ?? next++;
      driver.send(attemptOf(attempt, extra));
      return outcome(attempt);
    },
  };
}
