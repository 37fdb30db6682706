import { parseScope } from '../../../protocol/drill-scope.ts';
import type { DoorState } from '../../../protocol/states.ts';
import type {
  WalkTestDocument,
  WalkTestItem,
  WalkTestPlace,
  WalkTestSummary,
} from '../../../protocol/walk-test-document.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import type { Context } from '../context.ts';
import { proofDocument } from '../proof-document.ts';
import type { ProvenRecord, WalkTestRecord } from '../proof-record.ts';
import type { Site } from '../site.ts';
import { itemName, itemsWithin, placeOf, type SiteItem, siteItems } from '../site-items.ts';
import type { DoorProofs } from './door-proofs.ts';
import type { Proofs } from './proofs.ts';
import type { WalkTest, WalkTests } from './walk-tests.ts';

interface WalkTestViewDeps {
  readonly proofs: Proofs;
  readonly doors: DoorProofs;
  tests(): WalkTests;
  doorState(door: string): DoorState;
  /** Paths whose receivers still have to acknowledge this alert. */
  awaitedPaths(alert: string): readonly string[];
}

/** The documents of the walk test, made from what the other parts know. Nothing is decided here. */
export class WalkTestView {
  readonly #context: Pick<Context, 'site'>;
  #items: { readonly site: Site; readonly items: readonly SiteItem[] } | undefined;
  readonly #deps: WalkTestViewDeps;
  /** The items of the last scope that was asked for. */
  #within:
    | { readonly scope: string; readonly of: readonly SiteItem[]; readonly items: readonly SiteItem[] }
    | undefined;
  /** The item that was tested last, and in which walk test. */
  #last: { readonly item: string; readonly walkTest: string } | undefined;

  constructor(context: Pick<Context, 'site'>, deps: WalkTestViewDeps) {
    this.#context = context;
    this.#deps = deps;
  }

  /** Of the whole site. A reload may change it. */
  items(): readonly SiteItem[] {
    const { site } = this.#context;
    if (this.#items?.site !== site) this.#items = { site, items: siteItems(site) };
    return this.#items.items;
  }

  /** Something was done with this item in the walk test. */
  noteLast(item: string, walkTest: string): void {
    this.#last = { item, walkTest };
  }

  summary(): WalkTestSummary {
    const tests = this.#deps.tests();
    const { running, ended } = tests;
    const counts = { tested: 0, awaiting: 0, untested: 0 };
    const id = running?.id ?? ended?.id;
    const items = this.#itemsOf(running?.scope ?? ended?.scope ?? 'site');
    for (const item of items) counts[this.#state(item, id)] += 1;
    const last = this.#last?.walkTest === id ? items.find(({ item }) => item === this.#last?.item) : undefined;
    return {
      ...headOf(running, ended),
      counts,
      ...(last === undefined ? {} : { last: this.#item(last, id) }),
    };
  }

  document(): WalkTestDocument {
    const summary = this.summary();
    const places = new Map<string, WalkTestPlace & { readonly items: WalkTestItem[] }>();
    for (const item of this.#itemsOf(summary.scope)) {
      const head = placeOf(item);
      const key = JSON.stringify(head);
      const place = places.get(key) ?? { ...head, items: [] };
      place.items.push(this.#item(item, summary.id));
      places.set(key, place);
    }
    return { ...summary, places: [...places.values()] };
  }

  #itemsOf(scope: string): readonly SiteItem[] {
    const of = this.items();
    if (this.#within?.scope === scope && this.#within.of === of) return this.#within.items;
    const place = parseScope(scope);
    const items = place === undefined ? [] : itemsWithin(of, place);
    this.#within = { scope, of, items };
    return items;
  }

  #state(item: SiteItem, walkTest: string | undefined): WalkTestItem['state'] {
    if (walkTest === undefined) return 'untested';
    if (this.#proofIn(item, walkTest) !== undefined) return 'tested';
    return this.#awaited(item, walkTest).length > 0 ? 'awaiting' : 'untested';
  }

  #proofIn(item: SiteItem, walkTest: string | undefined): ProvenRecord | undefined {
    return walkTest === undefined ? undefined : this.#deps.proofs.inTest(item.item, walkTest);
  }

  #awaited(item: SiteItem, walkTest: string): readonly string[] {
    if (item.of === 'door') return this.#deps.doors.awaited(item.door);
    if (item.of === 'output') return [];
    const alert = this.#deps.proofs.awaitedAlert(item.item, walkTest);
    if (alert === undefined) return [];
    const paths = this.#deps.awaitedPaths(alert);
    return [paths.length === 0 ? 'a path that takes it' : `acknowledgement of ${paths.join(' or ')}`];
  }

  #item(item: SiteItem, walkTest: string | undefined): WalkTestItem {
    const { proofs, doorState } = this.#deps;
    const proof = this.#proofIn(item, walkTest);
    const earlier = proofs.outside(item.item, walkTest, deviceOf(item));
    const tested = proofs.inEarlierTest(item.item, walkTest, deviceOf(item));
    const base = {
      item: item.item,
      state: this.#state(item, walkTest),
      awaited: proof === undefined && walkTest !== undefined ? this.#awaited(item, walkTest) : [],
      ...(proof === undefined ? {} : { proof: proofDocument(proof) }),
      ...(earlier === undefined ? {} : { earlier: proofDocument(earlier) }),
      ...(tested === undefined ? {} : { earlier_walk_test: proofDocument(tested) }),
    };
    switch (item.of) {
      case 'button': {
        const { device, button, kind } = item;
        const { id, name, silent } = kind;
        const about = { device: device.id, button: button.id, kind: id, kind_name: name, silent };
        return { of: 'button', ...base, name: itemName(item), ...about };
      }
      case 'door':
        return { of: 'door', ...base, name: itemName(item), door: item.door.id, door_state: doorState(item.door.id) };
      case 'output': {
        const { id, shows } = item.output;
        return { of: 'output', ...base, name: itemName(item), output: id, shows };
      }
    }
  }
}

function headOf(running: WalkTest | undefined, ended: WalkTestRecord | undefined): Omit<WalkTestSummary, 'counts'> {
  const test = running ?? ended;
  if (test === undefined) return { state: 'none', scope: 'site' };
  const { id, scope, startedAt, endsAt, by, tester, reason } = test;
  const times = { started_at: isoTime(startedAt), ends_at: isoTime(endsAt) };
  const head = { id, scope, ...times, by, tester, reason };
  if (running !== undefined || ended === undefined) return { state: 'running', ...head };
  const { endedBy = 'gateway', endedReason = '' } = ended;
  return { state: 'ended', ...head, ended_by: endedBy, ended_reason: endedReason };
}

function deviceOf(item: SiteItem) {
  return item.of === 'button' ? item.device : undefined;
}
