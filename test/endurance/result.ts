import { type Quantiles, quantiles } from '../rig/quantiles.ts';
import type { CleanSample } from './clean-samples.ts';
import type { Ledger } from './ledger.ts';
import type { People } from './people.ts';
import type { Sample } from './samples.ts';
import type { Parts } from './stand.ts';
import type { Judged } from './verdict.ts';

export interface EnduranceResult {
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly seed: number;
  /** Seed of presses and weather. */
  readonly minutes: number;
  readonly warmUpS: number;
  /** True if the run was stopped early. The result covers the time until then. */
  readonly interrupted: boolean;
  readonly figures: readonly Judged[];
  readonly presses: PressResult;
  readonly load: Counts;
  readonly weather: Counts;
  /** Warnings and errors of the gateway's log, by event. */
  readonly log: Counts;
  /** Faults that must not happen, as text. */
  readonly faults: readonly string[];
  readonly samples: readonly Sample[];
  readonly cleanSamples: readonly CleanSample[];
}

type Counts = Readonly<Record<string, number>>;

interface PressResult {
  readonly made: number;
  /** Presses that no receiver displayed. */
  readonly lost: number;
  /** Presses that were displayed but never acknowledged. */
  readonly notAcknowledged: number;
  /** Repeated displays at one receiver. */
  readonly doubled: number;
  /** Alerts without a press. */
  readonly phantoms: number;
  /** Presses that were not made: the node had no room, and an older press stands for each. */
  readonly noRoom: number;
  readonly firstByteMs: Quantiles;
  readonly stormFirstByteMs: Quantiles;
}

/** @param latencies of fair presses, ms */
export function pressResult(ledger: Ledger, noRoom: number, latencies: readonly number[]): PressResult {
  const storm = ledger.presses.flatMap(({ isOfStorm, isFair, firstMs, pressedMs }) =>
    isOfStorm && isFair && firstMs !== undefined ? [firstMs - pressedMs] : [],
  );
  return {
    made: ledger.presses.length,
    lost: ledger.lost.length,
    notAcknowledged: ledger.unsettled.filter(({ shown }) => shown > 0).length,
    doubled: ledger.doubled,
    phantoms: ledger.phantoms.size,
    noRoom,
    firstByteMs: quantiles(latencies),
    stormFirstByteMs: quantiles(storm),
  };
}

export function loadOf({ radio, fleet, display, ledger }: Parts, people: People): Counts {
  return {
    'advertisements heard': radio.crowd.heard,
    'addresses that advertised': radio.crowd.addresses,
    'MQTT messages of devices': fleet.messages,
    'MQTT logins of devices': fleet.connections,
    'messages at the display': display.heard,
    'logins of the display': display.connections,
    'alerts resolved': people.resolved,
    'alerts cancelled': people.cancelled,
    'closed before': people.refused,
    drills: people.drills,
    'repeats passed over by receivers': ledger.repeats,
  };
}
