import type { Logger } from 'pino';
import { LONG_AGO_MS, type MonoMs, NEVER_MS } from '../protocol/clocks.ts';
import { messageOf } from '../protocol/errors.ts';
import type { Publication } from '../protocol/mqtt-documents.ts';
import type { Control, ControlSink } from './control/control-socket.ts';
import type { CertificateReading } from './core/certificate.ts';
import type { Core } from './core/core.ts';
import { type Effect, isUrgent } from './core/effect.ts';
import type { CoreInput } from './core/input.ts';
import { invariant, known } from './core/invariant.ts';
import type { Obstacle, Reopened } from './core/reopened.ts';
import type { Site } from './core/site.ts';
import type { Now } from './core/time.ts';
import { DeferredEffects } from './deferred-effects.ts';
import type { InputDriver, InputSink } from './inputs/input-driver.ts';
import { internalAnswers } from './internal-answers.ts';
import type { Journal, JournalSink } from './journal/journal.ts';
import type { MqttLink, MqttSink } from './mqtt/mqtt-link.ts';
import type { PathDriver, PathSink } from './paths/path-driver.ts';
import type { LogHealth } from './system/log-writer.ts';

/** Everything that the runtime needs to carry out effects. */
export interface Edges {
  readonly inputs: ReadonlyMap<string, InputDriver>;
  readonly paths: ReadonlyMap<string, PathDriver>;
  readonly journal: Journal;
  readonly mqtt: MqttLink;
  /** Commands of this machine's users. */
  readonly control?: Control;
  /** Sees all that is published. */
  readonly board?: { published(publication: Publication): void };
  readonly log: Logger;
  /** An internal press has gone the whole way. */
  internalPressHandled?(tookMs: number): void;
}

type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>;

/**
 * How often the inputs' frame counters are read. They are figures for a person, not supervision.
 */
const COUNTERS_MS = 10_000;
/**
 * After more defects than this in a minute, the gateway ends, and the service manager starts it
 * afresh.
 */
const DEFECTS_MAX = 60;
const DEFECTS_WITHIN_MS = 60_000;

/**
 * The only place where effects become I/O, and where outside events become the core's input. It
 * handles one input at a time: news from an edge waits while effects are carried out, so that
 * journal records keep their order. A message to a receiver is carried out at once, everything else
 * right after it.
 */
export class Runtime {
  readonly #core: Core;
  readonly #clock: () => Now;
  readonly #waiting: CoreInput[] = [];
  #edges: Edges | undefined;
  #isBusy = false;
  #lastHeardMs = LONG_AGO_MS;
  /** When defects were caught, monotonic ms, within the last minute. */
  #defectsMs: MonoMs[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerMs = NEVER_MS;
  #counters: NodeJS.Timeout | undefined;
  readonly #deferred = new DeferredEffects((effect) => this.#attempt(effect));

  constructor(core: Core, clock: () => Now) {
    this.#core = core;
    this.#clock = clock;
  }

  /** When the last signal was taken, monotonic ms. */
  get lastHeardMs(): MonoMs {
    return this.#lastHeardMs;
  }

  readonly inputSink: InputSink = {
    signal: (signal) => this.take({ type: 'signal', signal }),
    unknownSignal: (signal) => this.take({ type: 'unknownSignal', signal }),
    health: (health) => this.take({ type: 'inputHealth', health }),
    bridge: (state) => this.take({ type: 'bridge', state }),
    reception: (reception) => this.take({ type: 'reception', reception }),
  };

  readonly pathSink: PathSink = {
    sent: (path, attempt, atMs) => this.take({ type: 'sent', path, attempt, atMs }),
    outcome: (path, attempt, outcome) => this.take({ type: 'outcome', path, attempt, outcome }),
    link: (path, up) => this.take({ type: 'pathLink', path, up }),
  };

  readonly journalSink: Required<JournalSink> = {
    durable: (number) => this.take({ type: 'durable', number }),
    health: (state, detail) => this.take({ type: 'journalHealth', state, detail }),
    late: ({ records }) => this.take({ type: 'lateRecords', records }),
  };

  readonly logSink = {
    health: (health: LogHealth) => this.take({ type: 'logHealth', ...health }),
  };

  readonly updateSink = { returned: (detail: string | undefined) => this.take({ type: 'updateReturned', detail }) };

  readonly certificateSink = {
    read: (certificate: CertificateReading) => this.take({ type: 'certificate', certificate }),
  };

  readonly clockSink = {
    read: (isSynchronised: boolean) => this.take({ type: 'clock', isSynchronised }),
  };

  readonly mqttSink: MqttSink = {
    published: (number, atMs) => this.take({ type: 'published', number, atMs }),
    health: (state, detail) => this.take({ type: 'brokerHealth', state, detail }),
    strain: (strain, standing, detail) => this.take({ type: 'brokerStrain', strain, standing, detail }),
    turnedAway: (account, standing, detail) =>
      this.take({ type: 'clientTurnedAway', ...(account === undefined ? {} : { account }), standing, detail }),
    command: (command) => this.take({ type: 'command', command }),
    openAlerts: () => this.#openAlerts(),
  };

  readonly controlSink: Pick<ControlSink, 'command'> = {
    command: (command, ticket) => this.take({ type: 'command', command, ticket }),
  };

  /**
   * Paths start first, so that what the last run still owes leaves before new signals are heard.
   */
  start(edges: Edges): void {
    this.#edges = edges;
    for (const path of edges.paths.values()) path.start();
    this.#isBusy = true;
    this.#carryOut(this.#core.start(this.#clock()));
    this.#drain(edges);
    this.#deferred.flush();
    for (const input of edges.inputs.values()) input.start();
    this.#counters = setInterval(() => this.#readCounters(edges), COUNTERS_MS);
    this.#counters.unref();
  }

  /** Stops listening, lets attempts under way end, and closes every edge. */
  async stop(): Promise<void> {
    const edges = this.#edges;
    if (edges === undefined) return;
    clearInterval(this.#counters);
    edges.control?.stop();
    await Promise.all([...edges.inputs.values()].map((input) => input.stop()));
    this.take({ type: 'stopping' });
    await Promise.all([...edges.paths.values()].map((path) => path.stop()));
    clearTimeout(this.#timer);
    this.#deferred.flush();
    this.#edges = undefined;
    // Side by side: until the last has closed, the next start hears nobody.
    await Promise.all([edges.mqtt.stop(), edges.journal.close()]);
  }

  /** What forbids to take this site up now. */
  obstacles(site: Site, reopened: Reopened): readonly Obstacle[] {
    return this.#core.obstacles(site, reopened);
  }

  /**
   * Takes a changed site up. `obstacles` has found nothing in this turn of the event loop.
   *
   * @param exchange replaces drivers, between the last effect of the present site and the first of
   *   the next one
   */
  reload(site: Site, reopened: Reopened, exchange: () => void): void {
    invariant(!this.#isBusy, 'a reload came while an input is handled');
    this.#deferred.flush();
    exchange();
    this.take({ type: 'reload', site, reopened });
  }

  /** Why the gateway can't stop for an update in this turn of the event loop; empty: it can. */
  obstaclesToUpdate(): readonly string[] {
    invariant(!this.#isBusy && this.#edges !== undefined, 'an update came before the start, or amid an input');
    try {
      return this.#core.obstaclesToUpdate();
    } catch (error) {
      this.#defect(error, { read: 'obstaclesToUpdate' }, this.#edges);
      return [`the gateway does not know whether an alert is open: ${messageOf(error)}`];
    }
  }

  take(input: CoreInput): void {
    this.#waiting.push(input);
    if (this.#isBusy || this.#edges === undefined) return;
    this.#drain(this.#edges);
  }

  /** A document that is made while effects wait would overtake older ones of its alert. */
  *#openAlerts(): Generator<Publication | undefined> {
    const alerts = this.#core.openAlerts();
    try {
      while (true) {
        const next = this.#deferred.isEmpty ? alerts.next() : undefined;
        if (next?.done === true) return;
        yield next?.value;
      }
    } catch (error) {
      // The link calls from its own events. There the error would end the gateway.
      if (this.#edges !== undefined) this.#defect(error, { read: 'openAlerts' }, this.#edges);
    }
  }

  #drain(edges: Edges): void {
    this.#isBusy = true;
    // Inputs that are added meanwhile are handled too. Removing each from the front would move the
    // rest each time.
    for (const input of this.#waiting) this.#carryOut(this.#handle(input, edges));
    this.#waiting.length = 0;
    this.#isBusy = false;
    this.#arm();
  }

  /**
   * A defect in the core's handling of one input must not cost the alarms that it has decided to
   * send, nor those that are under way. The runtime carries out what was decided, reports the
   * defect and continues.
   */
  #handle(input: CoreInput, edges: Edges): readonly Effect[] {
    const now = this.#clock();
    if (input.type === 'signal') this.#lastHeardMs = now.monoMs;
    try {
      return this.#core.handle(input, now);
    } catch (error) {
      this.#defect(error, { input: input.type }, edges);
      return this.#core.handle({ type: 'defect', detail: messageOf(error) }, this.#clock());
    }
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (isUrgent(effect)) {
        this.#attempt(effect);
        this.#deferred.sent();
      } else this.#deferred.add(effect);
    }
  }

  #attempt(effect: Effect): void {
    const edges = this.#edges;
    if (edges === undefined) return;
    try {
      this.#perform(effect, edges);
    } catch (error) {
      // Drivers must not throw. If one does, the effects after this one must still be carried out.
      this.#defect(error, { effect: effect.type }, edges);
      this.#failed(effect, messageOf(error));
    }
  }

  #failed(effect: Effect, detail: string): void {
    if (effect.type !== 'send') return;
    const { path, attempt } = effect.attempt;
    this.take({ type: 'outcome', path, attempt, outcome: { type: 'failed', reason: 'protocolError', detail } });
  }

  #defect(error: unknown, where: Readonly<Record<string, string>>, edges: Edges): void {
    const { monoMs } = this.#clock();
    this.#defectsMs = [...this.#defectsMs.filter((atMs) => monoMs - atMs < DEFECTS_WITHIN_MS), monoMs];
    if (this.#defectsMs.length > DEFECTS_MAX) throw error;
    edges.log.error({ ...where, error: error instanceof Error ? error.stack : String(error) }, 'defect');
  }

  /**
   * Throws if there is no such edge: an effect that nothing carries out is a defect, never a
   * dropped alarm.
   */
  #perform(effect: Effect, edges: Edges): void {
    switch (effect.type) {
      case 'send':
        known(edges.paths, effect.attempt.path, 'path').send(effect.attempt);
        break;
      case 'abandon':
        known(edges.paths, effect.path, 'path').abandon(effect.attempt);
        break;
      case 'answer':
        // Of the wires that number their messages, only the button bus has answers. BTHome has
        // none.
        known(edges.inputs, effect.input, 'input').answer?.(effect.device, effect.identity, effect.status);
        break;
      case 'silence':
        this.#silence(effect, edges);
        break;
      case 'output':
        this.#switch(effect, edges);
        break;
      case 'journal':
        edges.journal.append(effect.number, effect.entry);
        break;
      case 'publish':
        edges.mqtt.publish(effect.publication, effect.number);
        edges.board?.published(effect.publication);
        break;
      case 'commandAnswer':
        invariant(edges.control !== undefined, 'a command with a ticket came, and there is no control socket');
        edges.control.answer(effect.ticket, effect.ok, effect.text);
        break;
      case 'log':
        edges.log[effect.level](effect.fields, effect.event);
        break;
      case 'internal':
        for (const input of internalAnswers(effect.effect, this.#clock().monoMs))
          this.take({ type: 'internal', input });
        break;
      case 'internalPressHandled':
        edges.internalPressHandled?.(effect.tookMs);
        break;
    }
  }

  #silence({ input, device, identity, silent }: EffectOf<'silence'>, edges: Edges): void {
    const driver = known(edges.inputs, input, 'input');
    invariant(driver.silence !== undefined, `input ${input} can silence no device`);
    driver.silence(device, identity, silent);
  }

  #switch({ input, output, on }: EffectOf<'output'>, edges: Edges): void {
    const driver = known(edges.inputs, input, 'input');
    invariant(driver.output !== undefined, `input ${input} has no outputs`);
    driver.output(output, on);
  }

  /**
   * One timer, for the earliest deadline of the core. Waking too early does no harm, so a later
   * deadline keeps an earlier timer.
   */
  #arm(): void {
    const wakeMs = this.#core.nextWakeMs();
    if (wakeMs === undefined || wakeMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = wakeMs;
    const waitMs = Math.max(0, Math.ceil(wakeMs - this.#clock().monoMs));
    this.#timer = setTimeout(() => {
      this.#timerMs = NEVER_MS;
      this.take({ type: 'tick' });
    }, waitMs);
  }

  #readCounters(edges: Edges): void {
    for (const [input, driver] of edges.inputs)
      this.take({ type: 'inputCounters', input, counters: driver.counters() });
  }
}
