import type { Led } from '../../device-sim/nodes/press-watch.ts';
import type { ReceivedEvent } from '../../device-sim/receiver/desk.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';

/** A press, what its wall was told of it, and what the receiver has of it. */
interface Press {
  readonly node: string;
  readonly alert: string;
  readonly told: Set<Led>;
  /** Deaths of the gateway before it. */
  readonly bornAt: number;
  /** The node's power was cut after it: the node repeats it no more, and shows nothing of it. */
  isCut: boolean;
  isDisplayed: boolean;
  readonly sequences: Set<number>;
}

const ALARM_ID = /^wb-\d+\.\d+\.\d+$/;
/**
 * Each start skips some hundred numbers of 9999. After so many starts a number may come again; by
 * then no receiver takes it for a repeat.
 */
const STARTS_OF_A_NUMBER = 14;

/**
 * What the walls were told against what the receiver displayed. Each fault is something that must
 * not be, whatever happens to the gateway.
 */
export class Ledger {
  readonly presses: Press[] = [];
  readonly faults: string[] = [];
  /** Times that the gateway died. */
  deaths = 0;
  readonly #byAlert = new Map<string, Press>();
  readonly #newest = new Map<string, Press>();
  readonly #drillNode: string;
  /** The last report of each sequence number. */
  readonly #numbers = new Map<number, { readonly report: string; readonly atDeath: number }>();
  /** Alerts of which the gateway has answered that they are closed. */
  readonly #closed = new Set<string>();
  secondNumbers = 0;

  /** @param drillNode the only node whose presses may be exercises */
  constructor(drillNode: string) {
    this.#drillNode = drillNode;
  }

  pressed(node: string, alert: string): Press {
    const press: Press = {
      ...{ node, alert, told: new Set<Led>(), sequences: new Set<number>(), bornAt: this.deaths },
      ...{ isCut: false, isDisplayed: false },
    };
    this.presses.push(press);
    this.#byAlert.set(alert, press);
    this.#newest.set(node, press);
    return press;
  }

  newest(node: string): Press | undefined {
    return this.#newest.get(node);
  }

  /** The lamp of a node shows something else. */
  lamp(node: string, led: Led): void {
    const press = this.#newest.get(node);
    if (press === undefined || press.isCut) return;
    press.told.add(led);
    if (led === 'green' && !press.isDisplayed)
      this.#fault(`${press.alert}: accepted at the wall, and no receiver has it`);
  }

  /** The node's power is cut: it has forgotten the press. */
  cut(node: string): void {
    const press = this.#newest.get(node);
    if (press !== undefined) press.isCut = true;
  }

  received({ reportId = '', sequence }: ReceivedEvent): void {
    this.#numbered(sequence, reportId);
    if (!ALARM_ID.test(reportId)) return;
    const press = this.#byAlert.get(reportId);
    if (press === undefined) {
      this.#fault(`${reportId}: displayed, and nobody has pressed it`);
      return;
    }
    press.isDisplayed = true;
    if (press.sequences.has(sequence)) return;
    press.sequences.add(sequence);
    if (press.sequences.size === 1) return;
    this.secondNumbers += 1;
    if (press.sequences.size > 1 + this.deaths - press.bornAt)
      this.#fault(`${reportId}: ${press.sequences.size} sequence numbers, more than deaths explain`);
  }

  published({ id, mode }: AlertDocument): void {
    const press = this.#byAlert.get(id);
    if (press === undefined) {
      if (ALARM_ID.test(id)) this.#fault(`${id}: published, and nobody has pressed it`);
      return;
    }
    if (mode !== 'live' && press.node !== this.#drillNode) this.#fault(`${id}: a real press became a ${mode}`);
  }

  /** The gateway has answered that the alert is closed. */
  closed(alert: string): void {
    this.#closed.add(alert);
  }

  /** Each fault is reported once, and keeps no later cycle waiting. */
  forget(): void {
    for (const press of this.owed) press.isDisplayed = true;
    for (const press of this.waiting) press.told.add('green');
    this.#closed.clear();
  }

  isClosed(alert: string): boolean {
    return this.#closed.has(alert);
  }

  /** Presses that a receiver must show sooner or later and does not yet. */
  get owed(): readonly Press[] {
    return this.presses.filter((press) => !press.isDisplayed && (!press.isCut || isPromised(press)));
  }

  /** Nodes that wait for `accepted`. */
  get waiting(): readonly Press[] {
    return [...this.#newest.values()].filter(({ isCut, told }) => !isCut && !told.has('green'));
  }

  #numbered(sequence: number, report: string): void {
    const other = this.#numbers.get(sequence);
    const isKnown = other !== undefined && this.deaths - other.atDeath < STARTS_OF_A_NUMBER;
    if (isKnown && other.report !== report) this.#fault(`number ${sequence}: of ${other.report}, and of ${report}`);
    this.#numbers.set(sequence, { report, atDeath: this.deaths });
  }

  #fault(text: string): void {
    this.faults.push(text);
  }
}

/** `heard` and `sent` promise that the gateway keeps the press, whatever becomes of the node. */
function isPromised({ told }: Press): boolean {
  return told.has('amberSlow') || told.has('amberFast') || told.has('green');
}
