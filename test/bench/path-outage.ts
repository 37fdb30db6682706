import { setTimeout as sleep } from 'node:timers/promises';
import type { FarEndBehaviour } from '../../device-sim/site/far-end.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { progress, until } from '../rig/waiting.ts';
import { sinceWire } from './path-healthy.ts';
import { CAP, dc09, RADIO, SIP_TCP, SMS, SNPP } from './path-kinds.ts';
import type { PressRecord } from './path-presses.ts';
import type { BenchPath } from './path-site.ts';
import { PathStand } from './path-stand.ts';

const EVERY_MS = 2000;
const TOLD_EVERY_MS = 60_000;
/** `deadlines.notConfirmedSeconds` of the site, the usual value. */
const NOT_CONFIRMED_MS = 10_000;
const ALL_WITHIN_MS = 300_000;
/** Time by which a wrong repeat would have come, even on the slowest path. */
const QUIET_MS = 20_000;
/** On the radio, a path in doubt is tried every 30 s and must answer twice. */
const UP_WITHIN_MS = 180_000;

/**
 * All kinds of failure at once. After its return, a `loseAnswers` path must not display again what
 * it displayed meanwhile. No path is on UDP: it would be back within its one-second retry and hide
 * how long the others take.
 */
const DYING: readonly (readonly [path: BenchPath, how: FarEndBehaviour])[] = [
  [dc09('centre', '1111'), 'refuse'],
  [dc09('backup', '2222'), 'loseAnswers'],
  [CAP, 'hang'],
  [SIP_TCP, 'refuse'],
  [RADIO, 'hang'],
  [SNPP, 'refuse'],
  [SMS, 'hang'],
];

export interface OutageResult {
  readonly minutes: number;
  readonly paths: readonly OutagePath[];
  readonly presses: number;
  /** Time from the press complete on the wire to NOT CONFIRMED at the wall, and over MQTT. */
  readonly notConfirmedWallMs: Quantiles;
  readonly notConfirmedMqttMs: Quantiles;
  /** Presses that waited for longer than the deadline without NOT CONFIRMED. */
  readonly notTold: number;
  /** Time from the return of all paths to each alert's acknowledgement at the wall. */
  readonly acceptedAfterReturnMs: Quantiles;
  /** Number of alerts that each path acknowledged. */
  readonly acknowledgedBy: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly doubled: number;
  readonly residentMb: { readonly before: number; readonly most: number; readonly after: number };
}

interface OutagePath {
  readonly path: string;
  readonly how: FarEndBehaviour;
  /** Time from the return until the gateway reports the path up; `null` if it never does. */
  readonly upAfterMs: number | null;
  readonly doubled: number;
}

/**
 * No path answers for this number of minutes, while presses go on. Then all paths return at once,
 * and there are no more presses.
 */
export async function outage(minutes: number): Promise<OutageResult> {
  progress(`every path dead for ${minutes} min …`);
  const stand = await PathStand.start(DYING.map(([path]) => path));
  try {
    await stand.ready();
    await stand.rehearsed();
    const before = stand.residentMb();
    for (const [{ id }, how] of DYING) await stand.ends.of(id).behave(how);
    const { records, mostMb } = await pressOn(stand, minutes * 60_000);
    const returnMs = monoMs();
    await Promise.all(stand.ends.all.map((end) => end.behave('normal')));
    const back = upAgain(stand, returnMs);
    await until(() => records.every(isOver), ALL_WITHIN_MS);
    const over = records.filter(isOver).length;
    progress(
      `  ${over} acknowledged ${((monoMs() - returnMs) / 1000).toFixed(1)} s after the return; waiting for repeats …`,
    );
    const most = Math.max(mostMb, stand.residentMb());
    const upAfterMs = await back;
    await sleep(QUIET_MS);
    const paths = DYING.map(([{ id }, how]): OutagePath => {
      return { path: id, how, upAfterMs: upAfterMs.get(id) ?? null, doubled: stand.book.doubledAt(id) };
    });
    const doubled = paths.reduce((sum, path) => sum + path.doubled, 0);
    const residentMb = { before, most, after: stand.residentMb() };
    return { minutes, paths, ...figures(records, returnMs), doubled, residentMb };
  } finally {
    await stand.stop();
  }
}

async function pressOn(stand: PathStand, forMs: number) {
  const beganMs = monoMs();
  const records: PressRecord[] = [];
  let mostMb = 0;
  let toldMs = beganMs;
  while (monoMs() - beganMs < forMs) {
    const press = stand.press();
    records.push(press);
    mostMb = Math.max(mostMb, stand.residentMb());
    await sleep(Math.max(0, press.wireMs + EVERY_MS - monoMs()));
    if (monoMs() - toldMs < TOLD_EVERY_MS) continue;
    toldMs = monoMs();
    const told = records.filter(({ notConfirmedWallMs }) => notConfirmedWallMs !== undefined).length;
    progress(`  ${records.length} presses, ${told} NOT CONFIRMED, ${stand.residentMb()} MB`);
  }
  return { records, mostMb };
}

function figures(records: readonly PressRecord[], returnMs: number) {
  const counts: Record<string, number> = {};
  for (const { acknowledgedBy: by = 'nobody' } of records) counts[by] = (counts[by] ?? 0) + 1;
  const overdue = records.filter(({ wireMs }) => returnMs - wireMs > NOT_CONFIRMED_MS + EVERY_MS);
  return {
    presses: records.length,
    notConfirmedWallMs: sinceWire(overdue, (press) => press.notConfirmedWallMs),
    notConfirmedMqttMs: sinceWire(overdue, (press) => press.notConfirmedMqttMs),
    notTold: overdue.filter((press) => !(press.notConfirmedWallMs && press.notConfirmedMqttMs)).length,
    acceptedAfterReturnMs: quantiles(
      records.flatMap(({ acceptedMs }) => (acceptedMs === undefined ? [] : acceptedMs - returnMs)),
    ),
    acknowledgedBy: counts,
    lost: records.filter((press) => !isOver(press)).length,
  };
}

/** Time from the return until each path was up. */
async function upAgain(stand: PathStand, returnMs: number): Promise<ReadonlyMap<string, number>> {
  const upAfterMs = new Map<string, number>();
  await until(() => {
    for (const [{ id }] of DYING) {
      if (!upAfterMs.has(id) && stand.linksAreUp([id])) upAfterMs.set(id, monoMs() - returnMs);
    }
    return upAfterMs.size === DYING.length;
  }, UP_WITHIN_MS);
  return upAfterMs;
}

function isOver({ acceptedMs, firstMs }: PressRecord): boolean {
  return acceptedMs !== undefined && firstMs.size > 0;
}
