import { LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';
import { CallpointError } from '../../protocol/errors.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import { isRetained, topicPlace } from '../../protocol/mqtt-topics.ts';
import { nothingKept, resolveBySystem } from '../names/names.ts';
import type { LinkPem } from '../system/certificates.ts';
import { monoMs } from '../system/clock.ts';
import { PacedAction } from '../system/paced-action.ts';
import { atMost } from './broker.ts';
import { DEFAULTS, type LinkOptions, type ThreadHandle } from './link-options.ts';
import type { MqttLink, MqttSink } from './mqtt-link.ts';
import { Outbox, type OutboxEntry } from './outbox.ts';
import { type MqttSettings, renewed } from './settings.ts';
import type { FromThread, MqttNotice, NamesQuestion, PostedEntry, ThreadSetup, ToThread } from './thread-messages.ts';
import { ThreadWatch } from './thread-watch.ts';
import { written } from './written-publication.ts';

const RESYNC_PAUSE_MS = 10_000;
const STOP_MS = 2000;
/** Reading so many open alerts takes 0.4 ms. A press must not wait for more at once. */
const AGAIN_EACH = 32;

/**
 * Starts MQTT in its own thread.
 *
 * @param session rises with every start of the gateway; stands in birth and will
 */
export function startMqtt(
  settings: MqttSettings,
  session: number,
  sink: MqttSink,
  options: Partial<LinkOptions> = {},
): MqttLink {
  return new ThreadLink({ settings, session }, sink, { ...DEFAULTS, ...options });
}

class ThreadLink implements MqttLink {
  #setup: ThreadSetup;
  readonly #sink: MqttSink;
  readonly #options: LinkOptions;
  readonly #outbox: Outbox;
  /**
   * Newest retained document of each topic, except alerts: thousands may be open, and the core has
   * them. A new thread, and a broker that has lost its memory, get all of them again.
   */
  readonly #retained = new Map<string, Publication>();
  /** Open alerts that are still to be sent again. */
  #again: Iterator<Publication | undefined> | undefined;
  /** Entries that the thread has and has not finished, by ticket. */
  readonly #posted = new Map<number, OutboxEntry>();
  #ticket = 0;
  #thread: ThreadHandle | undefined;
  readonly #flushing: PacedAction;
  #stopping: Promise<void> | undefined;
  #restartMs: number;
  #restartTimer: NodeJS.Timeout | undefined;
  readonly #checkTimer: NodeJS.Timeout;
  readonly #watch: ThreadWatch;
  #lastHealth: 'up' | 'down' = 'down';
  #incomplete = false;
  #resyncedMs = LONG_AGO_MS;

  constructor(setup: Omit<ThreadSetup, 'times'>, sink: MqttSink, options: LinkOptions) {
    const { listenRetryMs, refusalMs, quietMs, steadyMs, persistMs, stallMs, eventLifeMs } = options;
    const times = { listenRetryMs, refusalMs, quietMs, steadyMs, persistMs, stallMs, eventLifeMs };
    this.#setup = { ...setup, times };
    this.#sink = sink;
    this.#options = options;
    this.#outbox = new Outbox(options.outboxLimit);
    this.#flushing = new PacedAction(() => this.#flush(this.#options.window), options.gatherMs);
    this.#watch = new ThreadWatch(options);
    this.#restartMs = options.restartMs;
    this.#checkTimer = setInterval(() => this.#check(), options.checkMs);
    this.#checkTimer.unref();
    queueMicrotask(() => this.#start());
  }

  publish(publication: Publication, number?: number): void {
    if (this.#stopping !== undefined) return;
    this.#retain(publication);
    this.#outbox.add({ publication, number, atMs: publication.kind === 'event' ? monoMs() : undefined });
    this.#flushing.request();
  }

  #retain(publication: Publication): void {
    if (publication.kind === 'alert' || publication.kind === 'event') return;
    if (isRetained(publication)) this.#retained.set(topicPlace(publication), publication);
    else this.#retained.delete(topicPlace(publication));
  }

  renew(pem: LinkPem): void {
    this.#setup = { ...this.#setup, settings: renewed(this.#setup.settings, pem) };
    this.#post({ type: 'renew', pem });
  }

  reload(settings: MqttSettings, what: 'same' | 'clients' | 'anew'): void {
    if (what === 'same') return;
    this.#setup = { ...this.#setup, settings };
    const { broker } = settings;
    if (what === 'clients' && broker.type === 'embedded') this.#post({ type: 'clients', clients: broker.clients });
    else this.#startAnew();
  }

  /** The farewell of the present thread comes before the birth of the next. */
  #startAnew(): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#flush(Number.POSITIVE_INFINITY);
    this.#post({ type: 'stop' });
    this.#thread = undefined;
    const ended = new Promise((resolve) => thread.on('exit', resolve));
    void atMost(ended, STOP_MS - 100)
      .then(() => atMost(thread.terminate(), 100))
      .then(() => {
        this.#outbox.putBack([...this.#posted.values()]);
        this.#posted.clear();
        this.#start();
      });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#checkTimer);
    clearTimeout(this.#restartTimer);
    this.#flushing.cancel();
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = new Promise((resolve) => thread.on('exit', resolve));
    this.#flush(Number.POSITIVE_INFINITY);
    this.#post({ type: 'stop' });
    await atMost(ended, STOP_MS - 100);
    await atMost(thread.terminate(), 100);
  }

  #start(): void {
    if (this.#stopping !== undefined) return;
    let thread: ThreadHandle;
    try {
      thread = this.#options.startThread(this.#setup);
    } catch (error) {
      this.#ended(`could not be started: ${String(error)}`);
      return;
    }
    this.#thread = thread;
    this.#watch.begin();
    let cause = '';
    thread.on('message', (message: FromThread) => this.#hear(message));
    thread.on('error', (error) => {
      cause = `: ${String(error)}`;
    });
    thread.on('exit', (code) => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#ended(`ended with code ${code}${cause}`);
    });
    this.#fillIn();
    this.#flush(this.#options.window);
  }

  /**
   * Sends again what the thread had and did not finish. A repeat is harmless, because documents
   * carry their ids.
   */
  #ended(how: string): void {
    if (this.#stopping !== undefined) return;
    this.#outbox.putBack([...this.#posted.values()]);
    this.#posted.clear();
    const unavailable = new CallpointError(
      'BROKER_UNAVAILABLE',
      `the MQTT thread ${how}; starting it again in ${this.#restartMs} ms`,
    );
    this.#health('down', unavailable.message);
    this.#restartTimer = setTimeout(() => this.#start(), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, this.#options.restartMsMax);
  }

  #flush(window: number): void {
    if (this.#thread === undefined) return;
    const room = window - this.#posted.size;
    if (room <= 0) return;
    this.#addAgain(room);
    if (this.#outbox.size === 0) return;
    const entries: PostedEntry[] = this.#outbox.take(room).map((entry) => {
      this.#ticket += 1;
      this.#posted.set(this.#ticket, entry);
      const { publication, atMs } = entry;
      return { ticket: this.#ticket, publication: written(publication), ...(atMs === undefined ? {} : { atMs }) };
    });
    this.#post({ type: 'publish', entries });
  }

  #fillIn(): void {
    this.#outbox.fillIn(this.#retained);
    // Before the first document was posted, all that there is waits in the outbox.
    if (this.#ticket > 0) this.#again = this.#sink.openAlerts();
  }

  /**
   * Each is the newest of its topic, whatever of the topic waits already. The end of an alert needs
   * no repeat: its last document stays in the outbox or under way until the broker has it.
   */
  #addAgain(room: number): void {
    for (let left = AGAIN_EACH; left > 0 && this.#again !== undefined && this.#outbox.size < room; left -= 1) {
      const { done, value } = this.#again.next();
      if (done === true) this.#again = undefined;
      else if (value !== undefined) this.#outbox.add({ publication: value });
      else {
        this.#flushing.request();
        return;
      }
    }
  }

  #post(message: ToThread): void {
    try {
      this.#thread?.postMessage(message);
    } catch (error) {
      // Only a document that cannot be cloned fails here. That is a fault of ours, and it must not
      // stop the alert path.
      this.#notice({ level: 'warn', event: 'mqtt_not_posted', detail: String(error) });
      if (message.type === 'publish') for (const { ticket } of message.entries) this.#posted.delete(ticket);
    }
  }

  #hear(message: FromThread): void {
    this.#watch.heard(message.type !== 'alive');
    switch (message.type) {
      case 'done':
        for (const { ticket, atMs } of message.entries) this.#done(ticket, atMs);
        this.#settle();
        return;
      case 'health':
        // A thread that got this far no longer fails at its start.
        if (message.state === 'up') this.#restartMs = this.#options.restartMs;
        this.#health(message.state, message.detail);
        return;
      case 'lookup':
      case 'kept':
        this.#lookUp(message);
        return;
      case 'listening':
        this.#sink.listening?.(message.port);
        return;
      case 'notice':
        this.#notice(message.notice);
        return;
      case 'strain':
        this.#sink.strain(message.strain, message.standing, message.detail);
        return;
      case 'turnedAway':
        this.#sink.turnedAway?.(message.account, message.standing, message.detail);
        return;
      case 'command':
        this.#sink.command(message.command);
        return;
      case 'peerCertificate':
        this.#sink.peerCertificate?.(message.validity);
        return;
      case 'resync':
        this.#resync();
        return;
      case 'alive':
        this.#settle();
        return;
    }
  }

  /** The thread may have ended meanwhile. The next thread asks again. */
  #lookUp(to: NamesQuestion): void {
    const { lookup = resolveBySystem, kept = nothingKept } = this.#options.names;
    const answer = (addresses: readonly string[]) => this.#post({ type: 'addresses', to, addresses });
    (to.type === 'lookup' ? lookup : kept)(to.host).then(answer, () => answer([]));
  }

  #done(ticket: number, atMs: MonoMs | undefined): void {
    const number = this.#posted.get(ticket)?.number;
    this.#posted.delete(ticket);
    if (number !== undefined && atMs !== undefined) this.#sink.published(number, atMs);
  }

  /**
   * Gives the thread more. When it has finished everything, sends again the documents that had to
   * be dropped.
   */
  #settle(): void {
    const dropped = this.#outbox.takeDropped();
    if (dropped > 0) {
      this.#incomplete = true;
      const detail = `${dropped} publications were dropped because the broker took none for too long`;
      this.#notice({ level: 'warn', event: 'mqtt_dropped', detail });
    }
    const idle = this.#outbox.size === 0 && this.#posted.size === 0 && this.#again === undefined;
    const { window } = this.#options;
    if (this.#incomplete && idle && monoMs() - this.#resyncedMs > RESYNC_PAUSE_MS) this.#resync();
    else if (this.#again !== undefined || this.#outbox.size >= window) this.#flush(window);
    // What came meanwhile is gathered too: the thread is done within a millisecond or two.
    else if (this.#outbox.size > 0) this.#flushing.request();
  }

  #resync(): void {
    this.#incomplete = false;
    this.#resyncedMs = monoMs();
    // What the thread still has is older than these documents, so the newest document comes last on
    // every topic.
    this.#fillIn();
    this.#flush(this.#options.window);
  }

  #check(): void {
    const thread = this.#thread;
    if (thread === undefined || !this.#watch.check()) return;
    this.#thread = undefined;
    this.#ended('does not answer');
    thread.terminate().catch((error: unknown) => {
      this.#notice({ level: 'warn', event: 'mqtt_thread_not_ended', detail: String(error) });
    });
  }

  #health(state: 'up' | 'down', detail: string): void {
    this.#lastHealth = state;
    this.#sink.health(state, detail);
  }

  #notice(notice: MqttNotice): void {
    if (this.#sink.notice !== undefined) this.#sink.notice(notice);
    else this.#sink.health(this.#lastHealth, notice.detail);
  }
}
