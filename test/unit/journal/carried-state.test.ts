import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalEntry, JournalRecord } from '../../../gateway/core/journal-record.ts';
import { Carrier } from '../../../gateway/journal/carrier.ts';
import type { EngineRecord } from '../../../gateway/journal/engine-record.ts';
import { KeptState } from '../../../gateway/journal/kept-state.ts';
import { parseEntry } from '../../../gateway/journal/recovered-records.ts';
import { plainState } from '../core/plain-state.ts';
import { range } from './memory-files.ts';

const number = fc.integer({ min: 1, max: 200 });
const event = fc.oneof(
  /** More than are kept as objects: the others are texts. */
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('delivered' as const), count: fc.integer({ min: 1, max: 150 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('settled' as const, 'attempt' as const), number }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('standing' as const, 'restored' as const), number }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('carry' as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('segment' as const, 'forget' as const), number }) },
);

/** The state of a journal that runs, and everything it wrote. */
class Running {
  readonly said: JournalRecord[] = [];
  readonly written: { readonly json: string; readonly segment: number }[] = [];
  readonly kept = new KeptState();
  /** The same records, read back. */
  readonly read = new KeptState();
  readonly #carrier = new Carrier(64, 0);
  #segment = 1;
  #next = 1;

  happen(now: typeof event extends fc.Arbitrary<infer T> ? T : never): void {
    if (now.do === 'delivered') for (const _ of range(1, now.count)) this.#deliver(this.#next++);
    else if (now.do === 'carry') for (const _ of range(1, now.count)) this.#carry();
    else if (now.do === 'segment') this.#segment += 1;
    else if (now.do === 'forget') this.#carrier.forget();
    else if (now.do === 'attempt') this.#say({ record: attempt(now.number) });
    else if (now.do === 'settled') {
      const report = `a${now.number}`;
      this.#say({ record: { t: 'settled', at: 1, report }, releases: `alert:${report}` } as JournalEntry);
    } else {
      const key = `trouble:t${now.number}`;
      const named = { id: `t${now.number}`, type: 'path', subject: `p${now.number % 7}`, state: now.do };
      const record = { t: 'trouble', at: 1, ...named, text: 'x', zone: 0, area: 0 };
      this.#say({ record, ...(now.do === 'standing' ? { holds: key } : { releases: key }) } as JournalEntry);
    }
  }

  #deliver(each: number): void {
    const id = `a${each}`;
    const report = { id, class: 'alarm', text: 'Help: "Rm 1"\nFloor 2 é' };
    const pressed = { device: 'd', kind: 'k', epoch: 1, counter: each };
    const alert = { t: 'alert', at: 1, id, ...pressed, report, sequences: { c: each } };
    this.#say({ record: alert, holds: `alert:${id}` } as unknown as JournalEntry);
    this.#say({ record: attempt(each) });
    const end = { t: 'outcome', at: 1, report: id, path: 'c', n: 1, outcome: 'receiverAcknowledged' };
    this.#say({ record: end } as JournalEntry);
  }

  #say(entry: JournalEntry): void {
    this.said.push(entry.record);
    const json = JSON.stringify(entry);
    this.kept.add(entry, this.#segment, json.length);
    this.#written(json);
  }

  #carry(): void {
    for (const { json, carried } of this.#carrier.next(this.kept, this.#segment) as readonly EngineRecord[]) {
      this.kept.carried(carried ?? {}, this.#segment, json.length);
      this.#written(json);
    }
  }

  #written(json: string): void {
    this.written.push({ json, segment: this.#segment });
    add(this.read, json, this.#segment);
  }
}

function attempt(each: number): JournalRecord {
  return { t: 'attempt', at: 1, report: `a${each}`, path: 'c', n: 1, format: 0 } as JournalRecord;
}

function add(state: KeptState, json: string, segment: number): void {
  const entry = parseEntry(json);
  if (entry === undefined) throw new Error(`no entry: ${json}`);
  state.add(entry, segment, json.length);
}

/**
 * In which order alerts and troubles stand makes no difference: news may come before what is
 * carried.
 */
function sumOf(records: readonly JournalRecord[]): unknown {
  const { alerts, troubles, ...state } = plainState(records);
  const byId = alerts.toSorted((one, other) => one.raised.id.localeCompare(other.raised.id));
  return { ...state, alerts: byId, troubles: troubles.toSorted((one, other) => one.id.localeCompare(other.id)) };
}

const sum = (state: KeptState): unknown => sumOf(state.entries().map(({ record }) => record));
const placesOf = (state: KeptState): unknown => [...state.table()].sort();

test('what is carried is not summed up again: the state is that of all that was written', () => {
  let carryings = 0;
  let texts = 0;
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (events) => {
      const running = new Running();
      for (const each of events) {
        running.happen(each);
        const { kept, read } = running;
        expect([kept.oldest(), kept.reach(9)]).toEqual([read.oldest(), read.reach(9)]);
        expect(placesOf(kept)).toEqual(placesOf(read));
      }
      expect(sum(running.kept)).toEqual(sumOf(running.said));
      // A crash now: what was carried in part counts.
      const crashed = new KeptState();
      for (const { json, segment } of running.written) add(crashed, json, segment);
      crashed.leaveUnfinished();
      expect(sum(crashed)).toEqual(sumOf(running.said));
      carryings += running.written.filter(({ json }) => json.includes('"carry":"end"')).length;
      texts += running.kept.keys().filter((key) => running.kept.textOf(key) !== undefined).length;
    }),
  );
  expect(carryings).toBeGreaterThan(20);
  expect(texts).toBeGreaterThan(1_000);
});
