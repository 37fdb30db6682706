import { seededRandom } from '../../device-sim/random.ts';
import { WorldClock } from '../../device-sim/swarm/world-clock.ts';
import { Core } from '../../gateway/core/core.ts';
import type { Effect } from '../../gateway/core/effect.ts';
import type { CoreInput } from '../../gateway/core/input.ts';
import type { JournalEntry, JournalRecord } from '../../gateway/core/journal-record.ts';
import type { Attempt, Outcome, Report } from '../../gateway/core/report.ts';
import type { ContactState, Identity, Readings, Signal, SignalBody } from '../../gateway/core/signal.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { AlertDocument, DeviceDocument, EventDocument, Publication } from '../../protocol/mqtt-documents.ts';
import { topicPlace } from '../../protocol/mqtt-topics.ts';
import type { WalkTestDocument } from '../../protocol/walk-test-document.ts';
import { SimulatedJournal } from './simulated-journal.ts';

/** A command is answered within this time, whatever the disk does. */
const ANSWER_MS = 2_001;

const ACKNOWLEDGED = { afterMs: 2, outcome: { type: 'receiverAcknowledged' } } as const;

/**
 * The core with wires that number nothing or only count: contacts, advertisements, messages. Its
 * receivers answer at once.
 */
export class SensorWorld {
  #ticket = 0;
  readonly clock = new WorldClock();
  readonly journal: SimulatedJournal;
  /** Ids of the alerts raised, in order, each once. */
  readonly raised: AlertDocument[] = [];
  readonly events: EventDocument[] = [];
  readonly devices = new Map<string, DeviceDocument>();
  /** `type.subject` of the troubles that stand. */
  readonly troubles = new Set<string>();
  /** Every trouble and notice reported, as text. */
  readonly told: string[] = [];
  /** What the administrator was told besides. */
  readonly details: string[] = [];
  readonly outputs = new Map<string, boolean>();
  /** Time at which the first byte of each report left, by id. */
  readonly sentMs = new Map<string, number>();
  journalDelayMs = 5;
  receiverAnswers = true;
  /** The far end's answer to an attempt, and its time; `undefined` for silence. */
  receive: (attempt: Attempt) => { afterMs: number; outcome: Outcome } | undefined = () => ACKNOWLEDGED;
  /** Every attempt with a report, in order. */
  readonly attempts: (Attempt & { readonly report: Report; readonly atMs: number; readonly isSent: boolean })[] = [];
  /** The last document of each alert, path, door and drill, by kind and id. */
  readonly published = new Map<string, Publication['document']>();
  readonly answers: { ok: boolean; text: string }[] = [];
  /** The statuses sent to the walls, in order: `device epoch.counter status`. */
  readonly walls: string[] = [];
  /** Every outcome that the core received, in order. */
  readonly outcomes: {
    path: string;
    report: string | undefined;
    type: Outcome['type'];
    retryAfterMs: number;
    atMs: number;
  }[] = [];
  /** Every attempt, including polls, from its send until it was answered or dropped. */
  readonly flights: { readonly path: string; readonly startMs: number; endMs: number }[] = [];
  /**
   * Time at which each alert was first published as acknowledged, or as done by its plan, by id.
   */
  readonly doneMs = new Map<string, number>();
  /** Journal records written so far, in all runs. */
  written = 0;
  readonly #lines: Extract<Effect, { type: 'log' }>[] = [];
  readonly #abandoned = new Set<number>();
  readonly #underWay = new Map<number, { endMs: number }>();
  readonly #greeted = new Set<string>();
  #core: Core | undefined;
  #site: Site;
  #run = 0;

  /** `entries` are those of an existing journal. */
  constructor(site: Site, seed = 1, entries: readonly JournalEntry[] = []) {
    this.#site = site;
    this.journal = new SimulatedJournal(seededRandom(seed), entries);
    this.start();
  }

  start(site = this.#site): void {
    this.#site = site;
    this.#run += 1;
    this.#abandoned.clear();
    this.#underWay.clear();
    this.journal.forget();
    this.#startCore(this.journal.records);
  }

  /** The disk does not answer: the gateway starts without its journal. */
  startBlind(site = this.#site): void {
    this.#site = site;
    this.#run += 1;
    this.#abandoned.clear();
    this.#underWay.clear();
    this.#startCore([]);
  }

  #startCore(records: readonly JournalRecord[]): void {
    const site = this.#site;
    this.#core = new Core(site, records, this.clock.now);
    this.#perform(this.#core.start(this.clock.now));
    for (const { id } of site.inputs)
      this.give({ type: 'inputHealth', health: { input: id, state: 'up', detail: '' } });
  }

  /** Acts like kill -9. */
  crash(): void {
    this.#core = undefined;
    this.#run += 1;
    this.journal.crash(false);
  }

  /** `agoMs` is the age of the edge, for a process that was stopped. */
  contact(
    device: string,
    state: ContactState,
    place: { of?: 'button' | 'point'; number?: number; agoMs?: number } = {},
  ) {
    const { of = 'button', number = 0, agoMs = 0 } = place;
    this.say(device, { type: 'contact', of, number, state }, { capturedMs: this.clock.nowMs - agoMs });
  }

  readings(device: string, said: Partial<Omit<Readings, 'type'>>, how: Partial<Signal> = {}): void {
    this.say(device, { type: 'readings', presses: [], points: [], ...said }, how);
  }

  /** Sends a numbered press of a wall node. */
  press(device: string, counter: number, how: { button?: number; pattern?: 'single' | 'long' } = {}): string {
    const { button = 0, pattern = 'single' } = how;
    const identity = { epoch: 1, counter };
    if (!this.#greeted.has(device)) this.#hello(device);
    this.say(device, { type: 'press', button, pattern }, { identity, authenticated: true });
    return `${device}.1.${counter}`;
  }

  /** Sends the hello, as nodes do at every start, before a press is possible. */
  #hello(device: string): void {
    this.#greeted.add(device);
    const hello = { type: 'hello', serial: '0', model: 1, firmware: '1.0', buttons: 1, points: 0 } as const;
    this.say(device, hello, { identity: { epoch: 1, counter: 0 }, authenticated: true });
  }

  /** Sends a command and waits for the answer, which waits for the disk. */
  command(command: GatewayCommand): { ok: boolean; text: string } | undefined {
    const before = this.answers.length;
    this.#ticket += 1;
    this.give({ type: 'command', command, ticket: this.#ticket });
    const lastMs = this.clock.nowMs + ANSWER_MS;
    while (this.answers.length === before && this.clock.nowMs < lastMs) this.run(1);
    return this.answers.at(before);
  }

  /** Returns the report ids sent over a path, in order, including repeats. */
  sentOver(path: string): string[] {
    return this.attempts.filter((each) => each.path === path).map(({ report }) => report.id);
  }

  /** Sends an encrypted advertisement with a press. */
  counted(device: string, counter: number, presses: Readings['presses'] = [{ button: 0, pattern: 'single' }]): void {
    const identity: Identity = { epoch: 0, counter };
    this.readings(device, { presses }, { identity, authenticated: true });
  }

  say(device: string, body: SignalBody, how: Partial<Signal> = {}): void {
    const input = this.#site.devices.get(device)?.input ?? '';
    const signal: Signal = { input, device, authenticated: false, capturedMs: this.clock.nowMs, body, ...how };
    this.give({ type: 'signal', signal });
  }

  /** The document that `callpoint walk-test status` gets. */
  walkTest(): WalkTestDocument {
    if (this.#core === undefined) throw new Error('the gateway does not run');
    return this.#core.walkTest();
  }

  /** What forbids to stop for an update now. */
  obstaclesToUpdate(): readonly string[] {
    if (this.#core === undefined) throw new Error('the gateway does not run');
    return this.#core.obstaclesToUpdate();
  }

  get isRunning(): boolean {
    return this.#core !== undefined;
  }

  /** Returns true if the core has not dropped it and its gateway still runs. */
  isUnderWay({ attempt }: Attempt, run: number): boolean {
    return this.#run === run && !this.#abandoned.has(attempt);
  }

  get runs(): number {
    return this.#run;
  }

  give(input: CoreInput): void {
    if (this.#core !== undefined) this.#perform(this.#core.handle(input, this.clock.now));
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.nowMs + ms);
  }

  #perform(effects: readonly Effect[]): void {
    const run = this.#run;
    for (const effect of effects) {
      if (effect.type === 'send') this.#send(effect);
      else if (effect.type === 'journal') this.#append(effect.number, effect.entry);
      else if (effect.type === 'abandon') this.#abandon(effect.attempt);
      else if (effect.type === 'output') this.outputs.set(effect.output, effect.on);
      else if (effect.type === 'publish') this.#publish(effect);
      else if (effect.type === 'answer') this.#answer(effect);
      else if (effect.type === 'commandAnswer') this.answers.push({ ok: effect.ok, text: effect.text });
      else if (effect.type === 'log') this.#log(effect);
    }
    const wakeMs = this.#core?.nextWakeMs();
    if (wakeMs === undefined) return;
    this.clock.at(wakeMs, () => {
      if (this.#run === run && this.#core?.nextWakeMs() === wakeMs) this.give({ type: 'tick' });
    });
  }

  #abandon(attempt: number): void {
    this.#abandoned.add(attempt);
    this.#lands(attempt);
  }

  #lands(attempt: number): void {
    const flight = this.#underWay.get(attempt);
    if (flight !== undefined) flight.endMs = this.clock.nowMs;
  }

  #answer({ device, identity, status }: Extract<Effect, { type: 'answer' }>): void {
    this.walls.push(`${device} ${identity.epoch}.${identity.counter} ${status}`);
  }

  /** Fields of the lines of the log with this event, in order. */
  logged(event: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#lines.filter((line) => line.event === event).map(({ fields }) => fields);
  }

  #log(line: Extract<Effect, { type: 'log' }>): void {
    if (line.event.startsWith('trouble')) this.#tell(line.fields);
    else this.#lines.push(line);
  }

  #tell({ text = '', detail }: Readonly<Record<string, unknown>>): void {
    this.told.push(String(text));
    if (detail !== undefined) this.details.push(String(detail));
  }

  #send({ attempt }: Extract<Effect, { type: 'send' }>): void {
    const run = this.#run;
    const { path, report } = attempt;
    if (report !== undefined && !this.sentMs.has(report.id)) this.sentMs.set(report.id, this.clock.nowMs);
    const flight = { path, startMs: this.clock.nowMs, endMs: Number.POSITIVE_INFINITY };
    this.flights.push(flight);
    this.#underWay.set(attempt.attempt, flight);
    const made = report === undefined ? undefined : { ...attempt, report, atMs: this.clock.nowMs, isSent: true };
    if (made !== undefined) this.attempts.push(made);
    const answer = this.receiverAnswers ? this.receive(attempt) : undefined;
    // Where no connection comes about no byte leaves.
    const isSent = answer?.outcome.type !== 'failed' || answer.outcome.reason !== 'unreachable';
    if (made !== undefined) made.isSent = isSent;
    if (isSent) {
      this.clock.after(0, () => {
        if (!this.isUnderWay(attempt, run)) return;
        this.give({ type: 'sent', path, attempt: attempt.attempt, atMs: this.clock.nowMs });
      });
    }
    if (answer === undefined) return;
    this.clock.after(answer.afterMs, () => {
      if (!this.isUnderWay(attempt, run)) return;
      const { type } = answer.outcome;
      const retryAfterMs = answer.outcome.type === 'failed' ? (answer.outcome.retryAfterMs ?? 0) : 0;
      this.#lands(attempt.attempt);
      this.outcomes.push({ path, report: report?.id, type, retryAfterMs, atMs: this.clock.nowMs });
      this.give({ type: 'outcome', path, attempt: attempt.attempt, outcome: answer.outcome });
    });
  }

  #append(number: number, entry: JournalEntry): void {
    this.journal.append(number, entry);
    this.written += 1;
    const run = this.#run;
    if (this.journalDelayMs === Number.POSITIVE_INFINITY) return;
    this.clock.after(this.journalDelayMs, () => {
      if (this.#run === run && this.journal.makeDurable(number)) this.give({ type: 'durable', number });
    });
  }

  #noteDone({ id, kind, paths }: AlertDocument): void {
    const { plans, plan } = this.#site;
    const isContent = (plans.get(kind) ?? plan).done === 'handedOver';
    const states = Object.values(paths).map(({ state }) => state);
    const isDone = states.includes('acknowledged') || (isContent && states.includes('handedOver'));
    if (isDone && !this.doneMs.has(id)) this.doneMs.set(id, this.clock.nowMs);
  }

  #publish({ publication }: Extract<Effect, { type: 'publish' }>): void {
    const { kind, document } = publication;
    this.published.set(topicPlace(publication), document);
    if (kind === 'alert') this.#noteDone(document);
    if (kind === 'alert' && !this.raised.some(({ id }) => id === document.id)) this.raised.push(document);
    else if (kind === 'event') this.events.push(document);
    else if (kind === 'device') this.devices.set(document.device, document);
    else if (kind === 'trouble') {
      const subject = document.id.split('.').slice(0, -2).join('.');
      if (document.state === 'standing') this.troubles.add(subject);
      else this.troubles.delete(subject);
    }
  }
}
