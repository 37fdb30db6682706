import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { startMqtt } from '../../gateway/mqtt/link.ts';
import type { LinkOptions, ThreadHandle } from '../../gateway/mqtt/link-options.ts';
import type { MqttLink, MqttSink } from '../../gateway/mqtt/mqtt-link.ts';
import type { MqttClient as Account, EmbeddedBroker, MqttSettings } from '../../gateway/mqtt/settings.ts';
import { MqttThread } from '../../gateway/mqtt/thread.ts';
import type { FromThread, MqttNotice, Strain, ThreadSetup } from '../../gateway/mqtt/thread-messages.ts';
import { startWorkerThread } from '../../gateway/system/worker-thread.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import { OpenDocuments } from '../unit/mqtt/open-documents.ts';

export const ROOT = 'callpoint/v1/school';

export const VIEWER: Account = { name: 'wall-display', password: 'viewer-Pa55', role: 'viewer' };
export const OPERATOR: Account = { name: 'front-desk', password: 'operator-Pa55', role: 'operator' };

export type ThreadStart = (setup: ThreadSetup) => ThreadHandle;

/** Runs the code in its own thread, as the gateway does. */
export function inItsOwnThread(setup: ThreadSetup): ThreadHandle {
  const module = new URL('../../gateway/mqtt/mqtt-thread', import.meta.url);
  return startWorkerThread(module, import.meta.url, { workerData: setup });
}

/**
 * Runs the same code behind the same kind of port, without the half second that loading a thread
 * takes.
 */
export function inThisThread(setup: ThreadSetup): ThreadHandle {
  const { port1, port2 } = new MessageChannel();
  const events = new EventEmitter();
  const exit = (): void => {
    port1.close();
    events.emit('exit', 0);
  };
  port1.on('message', (message) => events.emit('message', message));
  new MqttThread(port2, setup, exit).run().catch((error) => events.emit('error', error));
  return {
    postMessage: (message) => port1.postMessage(message),
    on: (
      event: string,
      listener: ((message: FromThread) => void) | ((error: Error) => void) | ((code: number) => void),
    ) => events.on(event, listener),
    terminate: () => Promise.resolve(exit()),
  };
}

/** A link with its thread, and all its reports, which a test can wait for. */
export class World {
  readonly link: MqttLink;
  readonly published: { number: number; atMs: number }[] = [];
  readonly health: { state: 'up' | 'down'; detail: string }[] = [];
  readonly strains: { strain: Strain; standing: boolean; detail: string }[] = [];
  readonly turnedAway: { account: string | undefined; standing: boolean; detail: string }[] = [];
  readonly commands: GatewayCommand[] = [];
  readonly notices: MqttNotice[] = [];
  readonly threads: ThreadHandle[] = [];
  port = 0;
  #waiting: (() => void)[] = [];
  readonly #clients: MqttClient[] = [];

  /**
   * @param start how the thread runs; by default in this one, which is quick but cannot be killed
   */
  constructor(settings: MqttSettings, options: Partial<LinkOptions> = {}, start: ThreadStart = inThisThread) {
    const told = (): void => {
      for (const check of [...this.#waiting]) check();
    };
    const open = new OpenDocuments();
    const sink: MqttSink = {
      published: (number, atMs) => {
        this.published.push({ number, atMs });
        told();
      },
      health: (state, detail) => {
        this.health.push({ state, detail });
        told();
      },
      strain: (strain, standing, detail) => {
        this.strains.push({ strain, standing, detail });
        told();
      },
      turnedAway: (account, standing, detail) => {
        this.turnedAway.push({ account, standing, detail });
        told();
      },
      command: (command) => {
        this.commands.push(command);
        told();
      },
      listening: (port) => {
        this.port = port;
        told();
      },
      notice: (notice) => {
        this.notices.push(notice);
        told();
      },
      openAlerts: () => open.newest(),
    };
    const link = startMqtt(settings, 17, sink, {
      startThread: (setup) => {
        const thread = start(setup);
        this.threads.push(thread);
        return thread;
      },
      listenRetryMs: 50,
      refusalMs: 20,
      restartMs: 20,
      ...options,
    });
    this.link = {
      publish: (publication, number) => {
        open.note(publication);
        link.publish(publication, number);
      },
      renew: (pem) => link.renew(pem),
      reload: (next, what) => link.reload(next, what),
      stop: () => link.stop(),
    };
  }

  /** Resolves as soon as the condition holds. It is checked at each report of the link. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve();
      };
      this.#waiting.push(check);
    });
  }

  async up(): Promise<this> {
    await this.until(() => this.health.at(-1)?.state === 'up');
    return this;
  }

  client(account: Account, options: IClientOptions = {}): Promise<Subscriber> {
    return subscriber(`mqtt://127.0.0.1:${this.port}`, {
      username: account.name,
      password: account.password,
      ...options,
    }).then((client) => {
      this.#clients.push(client.client);
      return client;
    });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.link.stop();
  }
}

export function embedded(change: Partial<EmbeddedBroker> = {}, homeAssistantPrefix?: string): MqttSettings {
  const broker: EmbeddedBroker = {
    type: 'embedded',
    host: '127.0.0.1',
    port: 0,
    clients: [VIEWER, OPERATOR],
    ...change,
  };
  return { gateway: 'school', broker, ...(homeAssistantPrefix === undefined ? {} : { homeAssistantPrefix }) };
}

interface Message {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
  readonly atMs: number;
}

/** An mqtt.js client that keeps what it hears. */
export class Subscriber {
  readonly client: MqttClient;
  readonly heard: Message[] = [];
  #waiting: (() => void)[] = [];

  constructor(client: MqttClient) {
    this.client = client;
    client.on('message', (topic, payload, packet) => {
      this.heard.push({ topic, text: payload.toString(), retain: packet.retain, atMs: performance.now() });
      for (const check of [...this.#waiting]) check();
    });
  }

  async until(condition: (heard: readonly Message[]) => boolean): Promise<void> {
    if (condition(this.heard)) return;
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!condition(this.heard)) return;
        this.#waiting = this.#waiting.filter((other) => other !== check);
        resolve();
      };
      this.#waiting.push(check);
    });
  }

  on(topic: string): readonly Message[] {
    return this.heard.filter((message) => message.topic === topic);
  }

  /** Subscribes and returns the QoS granted; 128 means refused. */
  async subscribe(filter: string): Promise<number> {
    return new Promise((resolve) => {
      this.client.subscribe(filter, { qos: 1 }, (error, granted) => {
        resolve(error === null ? Number(granted?.[0]?.qos) : 128);
      });
    });
  }

  /** Returns true if the broker acknowledged, false if it closed the connection instead. */
  publish(topic: string, payload: string, retain = false): Promise<boolean> {
    return new Promise((resolve) => {
      this.client.once('close', () => resolve(false));
      this.client.publish(topic, payload, { qos: 1, retain }, (error) => {
        if (!error) resolve(true);
      });
    });
  }
}

/** Connects without automatic reconnection. Rejects with the broker's refusal. */
export async function subscriber(url: string, options: IClientOptions = {}): Promise<Subscriber> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, ...options });
  const listening = new Subscriber(client);
  client.on('error', () => undefined); // told by the rejection below, or by 'close'
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', (error) => reject(error));
    client.once('close', () => reject(new Error('closed')));
  });
  return listening;
}

export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined); // 'close' follows
  await once(socket, 'connect');
  return socket;
}

/**
 * Returns the bytes of a CONNECT of a clean MQTT 3.1.1 session and of a SUBSCRIBE to `filter` at
 * QoS 1.
 */
export function connectAndSubscribe(account: Account, clientId: string, filter: string): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
  };
  const packet = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type, body.length]), body]);
  const connectBody = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 60]),
    text(clientId),
    text(account.name),
    text(account.password),
  ]);
  const subscribeBody = Buffer.concat([Buffer.from([0, 1]), text(filter), Buffer.from([1])]);
  return Buffer.concat([packet(0x10, connectBody), packet(0x82, subscribeBody)]);
}
