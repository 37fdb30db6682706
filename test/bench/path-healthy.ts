import { setTimeout as sleep } from 'node:timers/promises';
import { monoMs } from '../../gateway/system/clock.ts';
import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import { progress, until } from '../rig/waiting.ts';
import type { PressRecord } from './path-presses.ts';
import type { BenchPath } from './path-site.ts';
import { PathStand } from './path-stand.ts';

const EVERY_MS = 250;
const SETTLED_WITHIN_MS = 30_000;
/** MQTT may report the end later than the wall. */
const SENT_TOLD_WITHIN_MS = 1000;
/** Time by which a wrong repeat would have come. */
const QUIET_MS = 1500;

export interface HealthyResult {
  readonly path: string;
  readonly presses: number;
  /**
   * Time from the first press after the start to its first byte at the far end, ms. The quantiles
   * hold the others.
   */
  readonly firstPressMs: number;
  /** Measured by the gateway: from the press read to the first byte handed to the network. */
  readonly sentMs: Quantiles;
  /**
   * From the press complete on the wire to its first byte at the far end, or to the whole message
   * where the far end reads it in one piece.
   */
  readonly arrivedMs: Quantiles;
  /**
   * From the press to the gateway's report of the end. `wall`: the wall shows accepted. `mqtt`:
   * MQTT shows handed over.
   */
  readonly wordMs: Quantiles;
  readonly word: 'wall' | 'mqtt';
  readonly lost: number;
  readonly doubled: number;
}

/** Measures one path alone, in good conditions: one press after the other. */
export async function healthy(path: BenchPath, presses: number): Promise<HealthyResult> {
  const { id, name, handsOver, everyMs = EVERY_MS } = path;
  progress(`healthy: ${name} …`);
  const stand = await PathStand.start([path]);
  try {
    await stand.ready();
    await stand.rehearsed();
    const word = handsOver ? 'mqtt' : 'wall';
    const wordOf = (press: PressRecord) => (handsOver ? press.handedOverMs : press.acceptedMs);
    const records: PressRecord[] = [];
    let lost = 0;
    for (let count = 0; count < presses + 1; count++) {
      const press = stand.press();
      records.push(press);
      const isOver = () => press.firstMs.has(id) && wordOf(press) !== undefined;
      if (!(await until(isOver, SETTLED_WITHIN_MS))) lost += 1;
      await until(() => press.sentMs !== undefined, SENT_TOLD_WITHIN_MS);
      await sleep(Math.max(0, press.wireMs + everyMs - monoMs()));
    }
    await sleep(QUIET_MS);
    const [first, ...others] = records;
    const since = (pick: (press: PressRecord) => number | undefined) => sinceWire(others, pick);
    return {
      path: name,
      presses,
      firstPressMs: sinceWire(first === undefined ? [] : [first], (press) => press.firstMs.get(id)).max,
      sentMs: quantiles(others.flatMap(({ sentMs }) => sentMs ?? [])),
      arrivedMs: since((press) => press.firstMs.get(id)),
      wordMs: since(wordOf),
      word,
      lost,
      doubled: stand.book.doubledAt(id),
    };
  } finally {
    await stand.stop();
  }
}

/**
 * Returns the times from the press complete on the wire to the event that `pick` selects, where it
 * happened.
 */
export function sinceWire(
  presses: readonly PressRecord[],
  pick: (press: PressRecord) => number | undefined,
): Quantiles {
  return quantiles(presses.flatMap((press) => (pick(press) ?? Number.NaN) - press.wireMs).filter(Number.isFinite));
}
