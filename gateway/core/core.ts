import { after, earlier, type MonoMs, type WallMs } from '../../protocol/clocks.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import type { WalkTestDocument } from '../../protocol/walk-test-document.ts';
import { openDocuments } from './alerts/alert-documents.ts';
import { strandedAlarm } from './alerts/stranded-alarm.ts';
import type { AlertBounds } from './alerts/surplus-alerts.ts';
import { ClockWatch } from './clock-watch.ts';
import { Context } from './context.ts';
import { CoreParts } from './core-parts.ts';
import { bridgeId } from './devices/bridge-supervision.ts';
import type { Effect } from './effect.ts';
import { fireTimer } from './fire-timer.ts';
import type { CoreInput } from './input.ts';
import { InternalPresses } from './internal-presses.ts';
import { INTERNAL_SITE } from './internal-site.ts';
import { invariant, known } from './invariant.ts';
import type { JournalRecord } from './journal-record.ts';
import { obstaclesTo } from './reload/obstacles.ts';
import { takeUpSite } from './reload/take-up-site.ts';
import type { Obstacle, Reopened } from './reopened.ts';
import { recoveredState } from './restart/journal-replay.ts';
import { nextSession, type RecoveredState } from './restart/recovered-state.ts';
import { recoverCounters, recoverOpen } from './restart/recovery.ts';
import type { BridgeState, InputHealth, Signal } from './signal.ts';
import type { Site } from './site.ts';
import type { Now } from './time.ts';
import { gatewayDefect } from './troubles/notices.ts';
import { obstaclesToUpdate } from './update-obstacles.ts';

/**
 * Timers that fire in one call. When all devices of a large site go missing at once, a press must
 * not wait until each of them is handled. The rest is still due, so the next call comes at once.
 */
const TIMERS_PER_TICK_MAX = 64;
/** As above, after an input that may be a press. */
const TIMERS_PER_INPUT_MAX = 4;
/** While the journal does not answer, the gateway answers no wall for this long after the start. */
const WITHHOLD_MS = 2_000;

type JournalState = Extract<CoreInput, { readonly type: 'journalHealth' }>['state'];

/**
 * The decision-maker: `(state, input, now) → effects`. No I/O, no timers, no clock, no randomness:
 * the runtime carries the effects out and calls again at `nextWakeMs`. The same inputs always give
 * the same effects.
 */
export class Core {
  readonly session: number;
  readonly answersWalls = (): boolean => !this.#context.withholdsAnswers;
  readonly #context: Context;
  readonly #parts: CoreParts;
  readonly #clock: ClockWatch;
  /** What `start` recovers. Nothing needs it afterwards. */
  #recovered: RecoveredState | undefined;
  /** The session of the newest run whose records were read; 0: none were. */
  #lastSession: number;
  /** When the last record was written: the run before lived until then. */
  readonly #lastAt: WallMs;

  /**
   * Call `start` before anything else.
   *
   * @param records what the journal recovered, oldest first
   * @param bounds how many alerts are kept; tests set fewer
   * @param localOffsetMs what local time is ahead of UTC at a moment; default: nothing
   */
  constructor(
    site: Site,
    records: readonly JournalRecord[],
    now: Now,
    bounds?: AlertBounds,
    localOffsetMs?: (wallMs: WallMs) => number,
  ) {
    this.#recovered = recoveredState(records);
    this.#lastSession = this.#recovered.session;
    this.#lastAt = lastWritten(records);
    this.session = nextSession(this.#lastSession, now.wallMs);
    this.#context = new Context(site, this.session, now, localOffsetMs);
    this.#parts = new CoreParts(this.#context, bounds);
    this.#clock = new ClockWatch(this.#context);
  }

  /**
   * Continues the work of the last run: unacknowledged reports go out again, with the same ids and
   * sequence numbers.
   */
  start(now: Now): Effect[] {
    const parts = this.#parts;
    const recovered = this.#recovered;
    invariant(recovered !== undefined, 'the core was started twice');
    this.#recovered = undefined;
    this.#context.now = now;
    recoverCounters(recovered, parts);
    this.#context.journal({ t: 'session', at: now.wallMs, session: this.session });
    this.#context.timers.set({ type: 'answersDue' }, after(now.monoMs, WITHHOLD_MS));
    recoverOpen(recovered, parts);
    parts.checkpoint.writeAll();
    parts.stalls.start();
    const lastAt = this.#lastAt;
    for (const input of parts.inputs.values()) {
      if (lastAt > 0 && lastAt <= now.wallMs) input.recover(after(now.monoMs, lastAt - now.wallMs));
      input.start();
    }
    for (const device of parts.devices.values()) device.publish();
    for (const path of parts.paths.values()) path.start();
    parts.doors.publishAll();
    parts.drills.publishAll();
    // Without one too: a broker may have kept that one runs, of a gateway that has lost its data.
    parts.walkTest.tests.publish();
    parts.walkTest.watch.start();
    parts.canary?.start();
    parts.troubles.publishAll();
    parts.outputs.update();
    const { alerts, reports, unreadable } = recovered;
    this.#context.log('info', 'core.started', {
      session: this.session,
      alertsTakenUp: alerts.length,
      reportsTakenUp: reports.length,
      ...(unreadable > 0 ? { recordsUnreadable: unreadable } : {}),
    });
    return this.#context.takeEffects();
  }

  /** The walk test that runs, or the last one, and the last proofs of the site. */
  walkTest(): WalkTestDocument {
    return this.#parts.walkTest.view.document();
  }

  /** The documents of the open alerts, each as it is when it is read. Changes nothing. */
  openAlerts(): Iterator<Publication> {
    return openDocuments(this.#parts.alerts.all());
  }

  handle(input: CoreInput, now: Now): Effect[] {
    this.#context.now = now;
    this.#clock.called();
    this.#parts.stalls.called();
    if (input.type === 'reload') takeUpSite(input, this.#parts);
    else if (input.type === 'internalPresses') this.#makeInternalPresses(input.everyMs);
    else if (input.type === 'internal') this.#parts.internal?.take(input.input);
    else this.#take(input);
    this.#fireTimers(input.type === 'tick' ? TIMERS_PER_TICK_MAX : TIMERS_PER_INPUT_MAX);
    this.#parts.internal?.tick();
    this.#parts.outputs.update();
    return this.#context.takeEffects();
  }

  /**
   * The latest time to call with a `tick`, monotonic ms; `undefined`: the core waits for nothing.
   */
  nextWakeMs(): MonoMs | undefined {
    const siteMs = this.#context.timers.nextMs();
    const internalMs = this.#parts.internal?.nextWakeMs();
    return siteMs === undefined || internalMs === undefined ? (siteMs ?? internalMs) : earlier(siteMs, internalMs);
  }

  /**
   * What forbids to take this site up now; empty: nothing. To be asked right before the `reload`
   * input.
   */
  obstacles(site: Site, reopened: Reopened): readonly Obstacle[] {
    return obstaclesTo(site, reopened, this.#parts);
  }

  /**
   * Why the gateway can't stop for an update now; empty: it can. To be asked right before it stops.
   */
  obstaclesToUpdate(): readonly string[] {
    return obstaclesToUpdate(this.#parts);
  }

  #take(input: Exclude<CoreInput, { type: 'reload' | 'internalPresses' | 'internal' }>): void {
    const { alerts, devices, dispatcher, health, inputs, notices, paths, signals } = this.#parts;
    switch (input.type) {
      case 'signal':
        this.#heard(input.signal);
        break;
      case 'unknownSignal':
        signals.proofs.unknown(input.signal);
        break;
      case 'inputHealth':
        this.#inputHealth(input.health);
        break;
      case 'bridge':
        this.#bridge(input.state);
        break;
      case 'reception':
        known(devices, input.reception.device, 'device').received(input.reception);
        break;
      case 'inputCounters':
        known(inputs, input.input, 'input').counters(input.counters);
        break;
      case 'sent':
        dispatcher.queue(input.path).sent(input.attempt, input.atMs);
        break;
      case 'outcome':
        dispatcher.queue(input.path).outcome(input.attempt, input.outcome);
        break;
      case 'pathLink':
        known(paths, input.path, 'path').link(input.up);
        break;
      case 'durable':
        this.#durable(input.number);
        break;
      case 'journalHealth':
        this.#journalHealth(input.state, input.detail);
        break;
      case 'logHealth':
        health.log(input.state, input.detail, input.lost);
        break;
      case 'updateReturned':
        health.updateReturned(input.detail);
        break;
      case 'published':
        alerts.published(input.number, input.atMs);
        break;
      case 'brokerHealth':
      case 'brokerStrain':
      case 'clientTurnedAway':
        health.ofBroker(input);
        break;
      case 'certificate':
        this.#parts.certificates.read(input.certificate);
        break;
      case 'clock':
        this.#parts.clock.read(input.isSynchronised);
        break;
      case 'command':
        this.#parts.commands.take(input.command, input.ticket);
        break;
      case 'lateRecords':
        this.#lateRecords(input.records);
        break;
      case 'defect':
        notices.tell(gatewayDefect(input.detail));
        break;
      case 'stopping':
        this.#stopping();
        break;
      case 'tick':
        // Those of an earlier run are many, and no press may be made for days.
        alerts.settled.compact(4);
        break;
    }
  }

  #inputHealth(health: InputHealth): void {
    const { inputs, outputs } = this.#parts;
    known(inputs, health.input, 'input').health(health);
    if (health.state === 'up') outputs.inputUp(health.input);
  }

  #stopping(): void {
    const { alerts, signals } = this.#parts;
    signals.held.releaseAll();
    signals.presses.raiseAll();
    alerts.documents.due();
  }

  #makeInternalPresses(everyMs: number): void {
    const { context, internal } = this.#parts;
    invariant(internal === undefined, 'internal presses are made already');
    const core = new Core(INTERNAL_SITE, [], context.now);
    const deps = { core, everyMs, strandedAlarm: () => strandedAlarm(this.#parts) };
    this.#parts.internal = new InternalPresses(context, deps);
    this.#parts.internal.start();
  }

  #heard(signal: Signal): void {
    const { inputs, signals } = this.#parts;
    const input = inputs.get(signal.input);
    input?.heard();
    signals.signal(signal);
    this.#parts.bridgeOf(signal.device)?.deviceHeard(signal);
    // After the press: it counts, whatever is wrong with the input that carried it.
    invariant(input !== undefined, `there is no input ${signal.input}`);
  }

  #durable(number: number): void {
    const { alerts, commands, health, signals } = this.#parts;
    this.#context.withholdsAnswers = false;
    health.journalWrites();
    for (const each of [alerts, signals.held, commands.answers]) each.durable(number);
  }

  #journalHealth(state: JournalState, detail: string): void {
    this.#context.log(state === 'ok' ? 'info' : 'warn', 'journal.health', { state, detail });
    this.#parts.health.journal(state, detail);
  }

  #bridge(state: BridgeState): void {
    known(this.#parts.inputs, state.input, 'input').heard();
    known(this.#parts.bridges, bridgeId(state), 'bridge').heard(state);
  }

  #fireTimers(most: number): void {
    const { timers, now } = this.#context;
    for (let fired = 0; fired < most; fired++) {
      const timer = timers.takeDue(now.monoMs);
      if (timer === undefined) return;
      fireTimer(timer, this.#parts);
    }
  }

  /**
   * The disk answered, or released the directory, only after the start. If nothing was read before,
   * these records are all there is. Otherwise only a start puts them in order with the others,
   * because an alert may be open in these and settled in those.
   */
  #lateRecords(records: readonly JournalRecord[]): void {
    if (records.length === 0) return;
    const parts = this.#parts;
    if (this.#lastSession > 0) {
      parts.health.journalUntilRestart('records of earlier runs were read too late: a restart uses them');
      return;
    }
    const recovered = recoveredState(records);
    this.#lastSession = recovered.session;
    recoverCounters(recovered, parts);
    recoverOpen(recovered, parts);
    const contacts = [...parts.devices.keys()].flatMap((id) => parts.signals.contacts(id) ?? []);
    const supervised = [
      ...parts.devices.values(),
      ...contacts,
      ...parts.inputs.values(),
      ...parts.bridges.values(),
      ...parts.paths.values(),
      parts.doors,
      parts.health,
      parts.certificates,
      parts.clock,
    ];
    for (const each of supervised) each.restoreTroubles();
    parts.checkpoint.writeAll();
    parts.troubles.publishAll();
    const { session, alerts } = recovered;
    this.#context.log('warn', 'core.tookUpLate', { session, alerts: alerts.length });
    if (session < this.session) return;
    // Nodes obey only a session that is higher than the last.
    parts.health.journalUntilRestart('this start has no new session number: answers reach no wall until a restart');
  }
}

/** No gateway ran when a backup was restored. */
function lastWritten(records: readonly JournalRecord[]): WallMs {
  let lastAt = 0 as WallMs;
  for (const { t, at } of records) if (t !== 'fromBackup' && at > lastAt) lastAt = at;
  return lastAt;
}
