import { AlertBook } from './alert-book.ts';
import { CheckpointWriter } from './checkpoint.ts';
import { Commands } from './commands.ts';
import { Context } from './context.ts';
import { DeviceSupervision } from './device-supervision.ts';
import { Dispatcher } from './dispatcher.ts';
import type { Effect } from './effect.ts';
import type { CoreInput } from './input.ts';
import { InputSupervision } from './input-supervision.ts';
import type { JournalRecord } from './journal-record.ts';
import { LimitedNotices } from './limited-notices.ts';
import { LocalOutputs } from './local-outputs.ts';
import { gatewayDefect, unknownSender } from './notices.ts';
import { OwnHealth } from './own-health.ts';
import { PathSupervision } from './path-supervision.ts';
import type { Report } from './report.ts';
import { nextSession, type RestoredState, restoredState } from './restored-state.ts';
import { SignalHandler } from './signal-handler.ts';
import type { Site } from './site.ts';
import { type Heirs, takeUpCounters, takeUpDuties } from './take-up.ts';
import type { Now } from './time.ts';
import type { Timer } from './timers.ts';
import { Troubles } from './troubles.ts';

/** Called this much later than asked for, the gateway was not running. */
const STALL_MS = 5_000;
/** With a journal that does not answer, the walls hear nothing for this long after the start. */
const MUTE_MS = 2_000;

/**
 * The decision-maker: `(state, input, now) → effects`. No I/O, no timers, no clock, no randomness: the runtime carries the effects out
 * and calls again at `nextWakeMs`. The same inputs always give the same effects.
 */
export class Core {
  readonly session: number;
  readonly #context: Context;
  readonly #heirs: Heirs;
  #restored: RestoredState;
  readonly #devices = new Map<string, DeviceSupervision>();
  readonly #inputs = new Map<string, InputSupervision>();
  readonly #paths = new Map<string, PathSupervision>();
  readonly #troubles: Troubles;
  readonly #health: OwnHealth;
  readonly #alerts: AlertBook;
  readonly #dispatcher: Dispatcher;
  readonly #notices: LimitedNotices;
  readonly #signals: SignalHandler;
  readonly #outputs: LocalOutputs;
  readonly #commands: Commands;
  readonly #checkpoint: CheckpointWriter;

  /** `records`: what the journal recovered, oldest first. Call `start` before anything else. */
  constructor(site: Site, records: readonly JournalRecord[], now: Now) {
    this.#restored = restoredState(records);
    this.session = nextSession(this.#restored.session, now.wallMs);
    this.#context = new Context(site, this.session, now);
    const context = this.#context;
    this.#alerts = new AlertBook(context, () => this.#dispatcher);
    this.#troubles = new Troubles(context, (report) => this.#alerts.submitReport(report));
    this.#health = new OwnHealth(this.#troubles);
    this.#notices = new LimitedNotices(context, this.#troubles, (report) => this.#dispatcher.isOpen(report));
    for (const path of site.paths) {
      const links = {
        queue: () => this.#dispatcher.queue(path.id),
        nextSequence: () => this.#dispatcher.sequences.next(path.id),
        troubles: this.#troubles,
      };
      this.#paths.set(path.id, new PathSupervision(path, context, links));
    }
    this.#dispatcher = new Dispatcher(context, this.#paths, {
      sent: (report, atMs) => this.#alerts.sent(report, atMs),
      acknowledged: (report, path) => this.#alerts.acknowledged(report, path) || this.#settleReport(report),
      refusedEverywhere: (report) => this.#alerts.refusedEverywhere(report) || this.#settleReport(report),
      handedOverEverywhere: (report) => this.#alerts.handedOverEverywhere(report) || this.#settleReport(report),
    });
    for (const device of site.devices.values()) {
      this.#devices.set(device.id, new DeviceSupervision(device, context, this.#troubles));
    }
    for (const input of site.inputs) {
      const devices = [...this.#devices.values()].filter((each) => each.device.input === input.id);
      this.#inputs.set(input.id, new InputSupervision(input.id, devices, context, this.#troubles));
    }
    this.#signals = new SignalHandler(context, this.#devices, this.#alerts, this.#troubles, this.#notices);
    this.#commands = new Commands(context, this.#alerts, this.#devices);
    const { sequences } = this.#dispatcher;
    this.#checkpoint = new CheckpointWriter(context, { devices: this.#devices, sequences, troubles: this.#troubles });
    this.#outputs = new LocalOutputs(context, this.#alerts, this.#troubles);
    this.#heirs = {
      context,
      devices: this.#devices,
      dispatcher: this.#dispatcher,
      signals: this.#signals,
      troubles: this.#troubles,
      settle: (report) => this.#settleReport(report),
    };
  }

  /** Takes up what the last run left: unacknowledged reports go out again, with the same ids and sequence numbers. */
  start(now: Now): Effect[] {
    this.#context.now = now;
    takeUpCounters(this.#restored, this.#heirs);
    this.#context.journal({ t: 'session', at: now.wallMs, session: this.session });
    this.#context.timers.set('speak', now.monoMs + MUTE_MS, { type: 'speak' });
    takeUpDuties(this.#restored, this.#heirs);
    this.#checkpoint.write();
    for (const input of this.#inputs.values()) input.start();
    for (const device of this.#devices.values()) device.publish();
    for (const path of this.#paths.values()) path.start();
    this.#troubles.publishAll();
    this.#outputs.update();
    const { alerts, reports, unreadable } = this.#restored;
    this.#context.log('info', 'core.started', {
      session: this.session,
      alertsTakenUp: alerts.length,
      reportsTakenUp: reports.length,
      ...(unreadable > 0 ? { recordsUnreadable: unreadable } : {}),
    });
    return this.#context.takeEffects();
  }

  handle(input: CoreInput, now: Now): Effect[] {
    this.#context.now = now;
    this.#excuseIfLate();
    this.#take(input);
    this.#fireTimers();
    this.#outputs.update();
    return this.#context.takeEffects();
  }

  /** When to call with a `tick` at the latest, monotonic ms; `undefined`: nothing is awaited. */
  nextWakeMs(): number | undefined {
    return this.#context.timers.nextMs();
  }

  #take(input: CoreInput): void {
    switch (input.type) {
      case 'signal':
        this.#inputs.get(input.signal.input)?.heard();
        this.#signals.signal(input.signal);
        break;
      case 'unknownSignal':
        this.#notices.tell(unknownSender(input.signal));
        break;
      case 'inputHealth':
        this.#inputs.get(input.health.input)?.health(input.health);
        if (input.health.state === 'up') this.#outputs.inputUp(input.health.input);
        break;
      case 'reception':
        this.#devices.get(input.reception.device)?.received(input.reception);
        break;
      case 'inputCounters':
        this.#inputs.get(input.input)?.counters(input.counters);
        break;
      case 'sent':
        this.#dispatcher.queue(input.path)?.sent(input.attempt, input.atMs);
        break;
      case 'outcome':
        this.#dispatcher.queue(input.path)?.outcome(input.attempt, input.outcome);
        break;
      case 'durable':
        this.#context.isMute = false;
        this.#health.journalWrites();
        this.#alerts.durable(input.number);
        this.#signals.held.durable(input.number);
        break;
      case 'journalHealth':
        this.#health.journal(input.state, input.detail);
        break;
      case 'published':
        this.#alerts.published(input.number, input.atMs);
        break;
      case 'brokerHealth':
        this.#health.broker(input.state, input.detail);
        break;
      case 'command':
        this.#commands.take(input.command);
        break;
      case 'lateRecords':
        this.#lateRecords(input.records);
        break;
      case 'defect':
        this.#notices.tell(gatewayDefect(input.detail));
        break;
      case 'tick':
        break;
    }
  }

  /** After a stall (a stopped process, a machine that slept) frames may wait unread: silence meanwhile was ours, not the devices'. */
  #excuseIfLate(): void {
    const { timers, now } = this.#context;
    const lateMs = now.monoMs - (timers.nextMs() ?? now.monoMs);
    if (lateMs < STALL_MS) return;
    this.#context.log('warn', 'core.late', { lateMs: Math.round(lateMs) });
    for (const device of this.#devices.values()) device.excuse();
  }

  #fireTimers(): void {
    const { timers, now } = this.#context;
    for (let timer = timers.takeDue(now.monoMs); timer !== undefined; timer = timers.takeDue(now.monoMs)) {
      this.#fire(timer);
    }
  }

  #fire(timer: Timer): void {
    switch (timer.type) {
      case 'attemptTimeout':
        this.#dispatcher.queue(timer.path)?.attemptTimedOut(timer.attempt);
        break;
      case 'deliveryRetry':
        this.#dispatcher.queue(timer.path)?.retryDue(timer.report);
        break;
      case 'holdOffEnd':
        this.#dispatcher.queue(timer.path)?.pump();
        break;
      case 'joinPath':
        this.#dispatcher.joinDue(timer.report);
        break;
      case 'notConfirmed':
        this.#alerts.notConfirmedDue(timer.alert);
        break;
      case 'autoResolve':
        this.#alerts.close(timer.alert, 'resolved', 'gateway', 'acknowledged, and nobody resolved it in time');
        break;
      case 'inputDue':
        this.#inputs.get(timer.input)?.firstWordDue();
        break;
      case 'deviceDue':
        this.#devices.get(timer.device)?.overdue();
        break;
      case 'probe':
        this.#paths.get(timer.path)?.probeDue();
        break;
      case 'debounce':
        this.#devices.get(timer.device)?.debounced(timer.point);
        break;
      case 'buttonContact':
        this.#signals.contacts(timer.device)?.buttonDue(timer.button);
        break;
      case 'contactWire':
        this.#signals.contacts(timer.device)?.wireDue(timer.of, timer.number);
        break;
      case 'believe':
        this.#signals.held.believe(timer.held);
        break;
      case 'enrolmentEnd':
        this.#commands.enrolmentOver(timer.device);
        break;
      case 'noticeWindow':
        this.#notices.windowOver(timer.key);
        break;
      case 'troubleCalm':
        this.#troubles.calm(timer.trouble, timer.subject);
        break;
      case 'speak':
        this.#context.isMute = false;
        break;
      case 'checkpoint':
        this.#checkpoint.write();
        break;
    }
  }

  #settleReport(report: Report): void {
    const at = this.#context.now.wallMs;
    this.#context.journal({ t: 'settled', at, report: report.id }, { releases: `report:${report.id}` });
  }

  /**
   * The disk answered, or let us have the directory, only after the start. With nothing read before, these records are all there is;
   * otherwise only a start puts them in order with the others, for an alert may be open in these and settled in those.
   */
  #lateRecords(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    if (this.#restored.session > 0) {
      this.#health.journal('degraded', 'records of an earlier run were read too late: a restart takes them up');
      return;
    }
    const restored = restoredState(records);
    this.#restored = restored;
    takeUpCounters(restored, this.#heirs);
    takeUpDuties(restored, this.#heirs);
    const contacts = [...this.#devices.keys()].flatMap((id) => this.#signals.contacts(id) ?? []);
    const supervised = [
      ...this.#devices.values(),
      ...contacts,
      ...this.#inputs.values(),
      ...this.#paths.values(),
      this.#health,
    ];
    for (const each of supervised) each.restoreTroubles();
    this.#checkpoint.write();
    this.#troubles.publishAll();
    const { session, alerts } = restored;
    this.#context.log('warn', 'core.tookUpLate', { session, alerts: alerts.length });
    if (session < this.session) return;
    // Nodes obey only a higher session than the last.
    this.#health.journal('degraded', 'this start has no new session number: answers reach no wall until a restart');
  }
}
