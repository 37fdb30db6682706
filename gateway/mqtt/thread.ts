import type { MessagePort } from 'node:worker_threads';
import { after } from '../../protocol/clocks.ts';
import { overviewMessage, statusMessage } from '../../protocol/mqtt-topics.ts';
import { monoMs } from '../system/clock.ts';
import { PacedAction } from '../system/paced-action.ts';
import type { Broker, BrokerSink } from './broker.ts';
import { shrinkBufferPool } from './buffer-pool.ts';
import { Discovery } from './discovery.ts';
import { Overview } from './overview.ts';
import { NoticeLimit } from './rate-limit.ts';
import type { Done, FromThread, PostedEntry, ThreadSetup, ToThread } from './thread-messages.ts';
import { ThreadNames } from './thread-names.ts';
import { messagesOfWritten } from './written-publication.ts';

const ALIVE_MS = 1000;
/** Least time between two announcements of everything to Home Assistant, whoever asks for them. */
const ANNOUNCE_GAP_MS = 5000;
/** Least time between two overviews: a storm of alerts is one or two. */
const OVERVIEW_GAP_MS = 250;
/**
 * A new thread gets the open alerts again, one after the other. Until then an overview without any
 * would say that they are over.
 */
const OVERVIEW_BEGINS_MS = 3000;

/**
 * Runs in the MQTT thread: encodes publications and gives them to the broker. A broker that hangs
 * can stop only this thread.
 */
export class MqttThread {
  readonly #port: MessagePort;
  readonly #setup: ThreadSetup;
  readonly #discovery: Discovery | undefined;
  readonly #exit: () => void;
  readonly #names = new ThreadNames((question) => this.#tell(question));
  readonly #announcing = new PacedAction(() => this.#announce(), ANNOUNCE_GAP_MS);
  readonly #overview = new Overview((id) => this.#broker?.alertText?.(id));
  readonly #overviewing = new PacedAction(() => this.#sayOverview(), OVERVIEW_GAP_MS);
  /** Until then only an overview with an alert is published. */
  #overviewBegins: NodeJS.Timeout | undefined;
  #alive: NodeJS.Timeout | undefined;
  #broker: Broker | undefined;
  #done: Done[] = [];

  /** @param exit ends the thread */
  constructor(port: MessagePort, setup: ThreadSetup, exit: () => void) {
    this.#exit = exit;
    this.#port = port;
    this.#setup = setup;
    const { gateway, homeAssistantPrefix } = setup.settings;
    this.#discovery = homeAssistantPrefix === undefined ? undefined : new Discovery(homeAssistantPrefix, gateway);
  }

  async run(): Promise<void> {
    this.#alive = setInterval(() => this.#tell({ type: 'alive' }), ALIVE_MS);
    // A trouble that an earlier thread or run has reported stands until a report says that it is
    // over.
    for (const strain of ['full', 'guessing'] as const) {
      this.#tell({ type: 'strain', strain, standing: false, detail: 'started anew' });
    }
    this.#broker = await this.#openBroker();
    shrinkBufferPool();
    for (const message of this.#discovery?.site() ?? []) this.#broker.publish(message, () => undefined);
    this.#overviewBegins = setTimeout(() => {
      this.#overviewBegins = undefined;
      this.#overviewing.request();
    }, OVERVIEW_BEGINS_MS);
    this.#port.on('message', (message: ToThread) => {
      if (message.type === 'stop') void this.#stop();
      else if (message.type === 'renew') this.#broker?.renew(message.pem);
      else if (message.type === 'clients') this.#broker?.setClients?.(message.clients);
      else if (message.type === 'addresses') this.#names.answered(message);
      else for (const entry of message.entries) this.#publish(entry);
    });
  }

  /** Loads only the library that is used: each costs some 10 MB. */
  async #openBroker(): Promise<Broker> {
    const { settings, session } = this.#setup;
    const status = { gateway: settings.gateway, session };
    if (settings.broker.type === 'external') {
      const { ExternalConnection } = await import('./external-broker.ts');
      const deps = { names: this.#names.names, stallMs: this.#setup.times.stallMs };
      return new ExternalConnection(settings.broker, status, settings.homeAssistantPrefix, this.#sink(), deps);
    }
    const { openEmbeddedBroker } = await import('./embedded-broker.ts');
    const { times } = this.#setup;
    return openEmbeddedBroker(settings.broker, status, settings.homeAssistantPrefix, this.#sink(), times);
  }

  #sink(): BrokerSink {
    const notices = new NoticeLimit((notice) => this.#tell({ type: 'notice', notice }), monoMs);
    return {
      health: (state, detail) => this.#tell({ type: 'health', state, detail }),
      listening: (port) => this.#tell({ type: 'listening', port }),
      notice: (notice) => notices.tell(notice),
      strain: (strain, standing, detail) => this.#tell({ type: 'strain', strain, standing, detail }),
      turnedAway: (account, standing, detail) =>
        this.#tell({ type: 'turnedAway', ...(account === undefined ? {} : { account }), standing, detail }),
      command: (command) => this.#tell({ type: 'command', command }),
      peerCertificate: (validity) => this.#tell({ type: 'peerCertificate', validity }),
      resync: () => {
        this.#announcing.request();
        this.#tell({ type: 'resync' });
      },
      homeAssistantOnline: () => this.#announcing.request(),
    };
  }

  #publish(entry: PostedEntry): void {
    const broker = this.#broker;
    if (broker === undefined) return;
    const untilMs = entry.atMs === undefined ? undefined : after(entry.atMs, this.#setup.times.eventLifeMs);
    if (untilMs !== undefined && monoMs() > untilMs) {
      this.#finish({ ticket: entry.ticket });
      return;
    }
    const { publication } = entry;
    const own = messagesOfWritten(this.#setup.settings.gateway, publication);
    const announced = publication.kind === 'alert' ? [] : (this.#discovery?.learn(publication) ?? []);
    const messages = announced.length === 0 ? own : [...announced, ...own];
    if (this.#overview.learn(publication)) this.#overviewing.request();
    let open = messages.length;
    let accepted = true;
    for (const message of messages) {
      const done = (ok: boolean): void => {
        accepted &&= ok;
        open -= 1;
        if (open > 0) return;
        if (publication.kind === 'alert' && broker.alertText !== undefined) this.#overview.published(publication);
        this.#finish(accepted ? { ticket: entry.ticket, atMs: monoMs() } : { ticket: entry.ticket });
      };
      broker.publish(message, done, untilMs);
    }
  }

  /** Collects what is done in one turn into one message: each message wakes the alert path. */
  #finish(done: Done): void {
    this.#done.push(done);
    if (this.#done.length > 1) return;
    setImmediate(() => {
      const entries = this.#done;
      this.#done = [];
      this.#tell({ type: 'done', entries });
    });
  }

  #sayOverview(): void {
    const overview = this.#overview.document;
    if (this.#overviewBegins !== undefined && overview.alerts.live === 0) return;
    this.#broker?.publish(overviewMessage(this.#setup.settings.gateway, overview), () => undefined);
  }

  #announce(): void {
    for (const message of this.#discovery?.all() ?? []) {
      this.#broker?.publish(message, () => undefined);
    }
  }

  async #stop(): Promise<void> {
    const { settings, session } = this.#setup;
    const farewell = statusMessage(settings.gateway, 'disconnected', session, new Date().toISOString());
    await this.#broker?.stop(farewell);
    clearInterval(this.#alive);
    clearTimeout(this.#overviewBegins);
    this.#announcing.cancel();
    this.#overviewing.cancel();
    this.#exit();
  }

  #tell(message: FromThread): void {
    this.#port.postMessage(message);
  }
}
