import { parseScope } from '../../protocol/drill-scope.ts';
import type { WalkTestDocument, WalkTestItem, WalkTestPlace } from '../../protocol/walk-test-document.ts';
import { isoTime } from '../../protocol/wall-time.ts';
import type { JournalRecord } from '../core/journal-record.ts';
import { proofDocument } from '../core/proof-document.ts';
import type { ProvenRecord, WalkTestRecord } from '../core/proof-record.ts';
import { type ItemSite, itemName, itemsWithin, placeOf, type SiteItem, siteItems } from '../core/site-items.ts';

interface Press {
  readonly at: number;
  readonly device: string;
  readonly button: number;
}

/** The walk tests of a journal, and the proofs of each item. */
export class WalkTestHistory {
  /** The last record of each walk test, by id, in the order in which they started. */
  readonly #tests = new Map<string, WalkTestRecord>();
  /** By item, oldest first: the last one of each walk test, and of all other use. */
  readonly #proofs = new Map<string, ProvenRecord[]>();
  /** Presses that were tests. */
  readonly #presses: Press[] = [];

  add(record: JournalRecord): void {
    if (record.t === 'walkTest') this.#tests.set(record.id, record);
    else if (record.t === 'proven') this.#proven(record);
    else if (record.t === 'alert' && record.report.exercise === 'test') {
      const { at, device, button } = record;
      this.#presses.push({ at, device, button });
    }
  }

  /** @param id absent: the newest. @returns undefined if the journal has no such walk test */
  document(site: ItemSite, id?: string): WalkTestDocument | undefined {
    const test = id === undefined ? [...this.#tests.values()].at(-1) : this.#tests.get(id);
    const scope = test === undefined ? undefined : parseScope(test.scope);
    if (test === undefined || scope === undefined) return undefined;
    const places = new Map<string, WalkTestPlace & { readonly items: WalkTestItem[] }>();
    const counts = { tested: 0, awaiting: 0, untested: 0 };
    for (const each of itemsWithin(siteItems(site), scope)) {
      const item = this.#item(each, test);
      counts[item.state] += 1;
      const head = placeOf(each);
      const key = JSON.stringify(head);
      const place = places.get(key) ?? { ...head, items: [] };
      place.items.push(item);
      places.set(key, place);
    }
    return { ...headOf(test), counts, places: [...places.values()] };
  }

  #proven(record: ProvenRecord): void {
    const { item, proof } = record;
    const others = (this.#proofs.get(item) ?? []).filter((each) => each.proof.walkTest !== proof.walkTest);
    this.#proofs.set(item, [...others, record]);
  }

  #item(each: SiteItem, test: WalkTestRecord): WalkTestItem {
    const proofs = this.#proofs.get(each.item) ?? [];
    const proof = proofs.find((record) => record.proof.walkTest === test.id);
    const earlier = proofs
      .filter((record) => isEarlier(record, test, each))
      .sort((a, b) => a.at - b.at)
      .at(-1);
    const isAwaiting = proof === undefined && this.#isPressed(each, test);
    const base = {
      item: each.item,
      name: itemName(each),
      state: proof !== undefined ? ('tested' as const) : isAwaiting ? ('awaiting' as const) : ('untested' as const),
      awaited: isAwaiting ? ['acknowledgement of a receiver'] : [],
      ...(proof !== undefined && { proof: proofDocument(proof) }),
      ...(earlier !== undefined && { earlier: proofDocument(earlier) }),
    };
    if (each.of === 'door') return { ...base, of: 'door', door: each.door.id, door_state: 'unknown' };
    if (each.of === 'output') return { ...base, of: 'output', output: each.output.id, shows: each.output.shows };
    const { device, button, kind } = each;
    const about = { device: device.id, button: button.id, kind: kind.id, kind_name: kind.name, silent: kind.silent };
    return { ...base, of: 'button', ...about };
  }

  #isPressed(item: SiteItem, { startedAt, endsAt, at, state }: WalkTestRecord): boolean {
    if (item.of !== 'button') return false;
    const { device, button } = item;
    const until = state === 'ended' ? at : endsAt;
    return this.#presses.some((press) => {
      return press.device === device.id && press.button === button.number && press.at >= startedAt && press.at <= until;
    });
  }
}

/** A device with another key was replaced since: what proved the old one proves nothing of it. */
function isEarlier({ at, proof }: ProvenRecord, test: WalkTestRecord, item: SiteItem): boolean {
  if (proof.walkTest === test.id || at >= test.startedAt) return false;
  const key = item.of === 'button' ? item.device.keyFingerprint : undefined;
  return key === undefined || key === proof.key;
}

function headOf(test: WalkTestRecord): Omit<WalkTestDocument, 'counts' | 'places'> {
  const { id, scope, state, startedAt, endsAt, at, by, tester, reason, endedBy, endedReason } = test;
  return {
    state,
    id,
    scope,
    started_at: isoTime(startedAt),
    ends_at: isoTime(state === 'ended' ? at : endsAt),
    by,
    tester,
    reason,
    ...(endedBy !== undefined && { ended_by: endedBy }),
    ...(endedReason !== undefined && { ended_reason: endedReason }),
  };
}
