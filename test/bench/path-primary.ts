import { setTimeout as sleep } from 'node:timers/promises';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { accountOf } from '../../device-sim/site/site-file.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import type { Quantiles } from '../rig/quantiles.ts';
import { progress, until } from '../rig/waiting.ts';
import { sinceWire } from './path-healthy.ts';
import { dc09 } from './path-kinds.ts';
import type { PressRecord } from './path-presses.ts';
import { PathStand } from './path-stand.ts';

const EVERY_MS = 1000;
const SETTLED_WITHIN_MS = 30_000;
const BACK_WITHIN_MS = 60_000;
const QUIET_MS = 3000;
/** A press that took longer must have waited for the next path's deadline. */
const WAITED_MS = 1000;

const PRIMARY = dc09('primary', '1111', ', supervision: { intervalSeconds: 5 }');
const BACKUP = dc09('backup', '2222');

export interface PrimaryResult {
  /** How the primary receiver fails. */
  readonly primary: 'refuses' | 'hangs' | 'dies between';
  readonly presses: number;
  /** Time from the press complete on the wire to its first byte at the second receiver. */
  readonly arrivedMs: Quantiles;
  /** Time until the wall shows that it is accepted. */
  readonly acceptedMs: Quantiles;
  /** Presses that waited for the next path's deadline. */
  readonly waited: number;
  /** Presses that the primary displayed as well: it failed only afterwards. */
  readonly shownByBoth: number;
  readonly lost: number;
  readonly doubled: number;
}

/**
 * The primary never answers. The next press comes as soon as the second receiver answers, before
 * the gateway knows that the first never will.
 */
export async function deadFromStart(primary: 'refuses' | 'hangs', presses: number): Promise<PrimaryResult> {
  progress(`the primary ${primary} from the start …`);
  const how = primary === 'refuses' ? 'refuse' : 'hang';
  const stand = await PathStand.start([PRIMARY, BACKUP], { from: { primary: how } });
  try {
    await stand.ready([BACKUP.id]);
    const records: PressRecord[] = [];
    for (let count = 0; count < presses; count++) {
      const press = stand.press();
      records.push(press);
      await sleep(Math.max(0, press.wireMs + EVERY_MS - monoMs()));
    }
    await until(() => records.every(isOver), SETTLED_WITHIN_MS);
    await sleep(QUIET_MS);
    return resultOf(primary, stand, records);
  } finally {
    await stand.stop();
  }
}

/**
 * Each time, the primary accepts the event, displays it and vanishes before it can answer. It is
 * back for the next press.
 */
export async function diesBetween(presses: number): Promise<PrimaryResult> {
  progress('the primary dies between send and acknowledgement …');
  const stand = await PathStand.start([PRIMARY, BACKUP], { elsewhere: [PRIMARY.id] });
  try {
    const primary = await primaryReceiver(stand);
    await stand.ready();
    await stand.rehearsed();
    const records: PressRecord[] = [];
    for (let count = 0; count < presses; count++) {
      if (count % 10 === 0) progress(`  press ${count + 1} of ${presses}`);
      await primary.behave({ type: 'vanishAfterAccepting' });
      const press = stand.press();
      records.push(press);
      await until(() => isOver(press), SETTLED_WITHIN_MS);
      await comeBack(primary, stand);
    }
    await sleep(QUIET_MS);
    return resultOf('dies between', stand, records);
  } finally {
    await stand.stop();
  }
}

/** The rig's far ends cannot vanish between display and answer. The receiver itself can. */
async function primaryReceiver(stand: PathStand): Promise<Receiver> {
  const path = stand.simulated.paths.find(({ id }) => id === PRIMARY.id);
  const { port } = path?.written ?? {};
  const account = path && accountOf(path);
  if (account === undefined) throw new Error('the primary has no account');
  const receiver = await startReceiver({ port: Number(port), accounts: [account] });
  stand.alsoClose(() => receiver.close());
  receiver.on((notice) => {
    if (notice.type !== 'event' || !notice.isNew) return;
    const { reportId = '', firstByteMs } = notice.event;
    stand.book.displayed(PRIMARY.id, reportId, firstByteMs);
  });
  return receiver;
}

async function comeBack(primary: Receiver, stand: PathStand): Promise<void> {
  const { polls } = primary;
  await primary.behave({ type: 'normal' });
  const isBack = await until(() => primary.polls > polls && stand.linksAreUp(), BACK_WITHIN_MS);
  if (!isBack) throw new Error('the gateway did not find the primary again');
}

function isOver(press: PressRecord): boolean {
  return press.firstMs.has(BACKUP.id) && press.acceptedMs !== undefined;
}

function resultOf(primary: PrimaryResult['primary'], { book }: PathStand, records: readonly PressRecord[]) {
  const arrived = (press: PressRecord) => press.firstMs.get(BACKUP.id);
  return {
    primary,
    presses: records.length,
    arrivedMs: sinceWire(records, arrived),
    acceptedMs: sinceWire(records, (press) => press.acceptedMs),
    waited: records.filter((press) => (arrived(press) ?? 0) - press.wireMs > WAITED_MS).length,
    shownByBoth: records.filter(({ firstMs }) => firstMs.has(PRIMARY.id) && firstMs.has(BACKUP.id)).length,
    lost: records.filter((press) => !isOver(press)).length,
    doubled: book.doubledAt(PRIMARY.id) + book.doubledAt(BACKUP.id),
  };
}
