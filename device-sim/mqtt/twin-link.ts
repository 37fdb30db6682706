import type { Random } from '../random.ts';
import { type Manner, MisbehavingTwin } from './manners.ts';
import { type BrokerLogin, DeviceClient } from './mqtt-client.ts';
import type { Twin, TwinMessage, TwinPress } from './twin.ts';

const RECONNECTS_MS = 20_000;

/** A twin at a real broker. */
export class TwinLink {
  readonly #login: BrokerLogin;
  readonly #twin: MisbehavingTwin;
  readonly #onError: (error: unknown) => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #again: NodeJS.Timeout | undefined;
  #drops: NodeJS.Timeout | undefined;
  #client: DeviceClient | undefined;
  /** Told of each message that the broker has. */
  onPublished: (message: TwinMessage) => void = () => undefined;

  constructor(login: BrokerLogin, twin: Twin, random?: Random, onError: (error: unknown) => void = () => {}) {
    this.#login = login;
    this.#twin = new MisbehavingTwin(twin, random);
    this.#onError = onError;
  }

  /**
   * Connects, and publishes what is published at a connection.
   * @param isStart the device gets power now
   */
  async connect(isStart = true): Promise<void> {
    const { topic, payload } = this.#twin.will;
    const client = await DeviceClient.connect(this.#login, { topic, payload });
    this.#client = client;
    // The library connects again by itself, and the device then does as devices do.
    client.onReconnect(() => this.#publish(client, this.#twin.connected(Date.now(), false)));
    await this.#publish(client, this.#twin.connected(Date.now(), isStart));
    this.#plan();
  }

  get isConnected(): boolean {
    return this.#client !== undefined;
  }

  behave(manner: Manner): void {
    this.#twin.manners = new Set(manner === 'normal' ? [] : [manner]);
    this.#plan();
  }

  async press(device: string, button: string, how: TwinPress = 'single', word?: string): Promise<void> {
    await this.#say(this.#twin.press(device, button, how, Date.now(), word));
  }

  async release(device: string, button: string): Promise<void> {
    await this.#say(this.#twin.release(device, button, Date.now()));
  }

  async point(device: string, point: string, active: boolean): Promise<void> {
    await this.#say(this.#twin.point(device, point, active, Date.now()));
  }

  async battery(device: string, percent: number): Promise<void> {
    await this.#say(this.#twin.battery(device, percent, Date.now()));
  }

  async presence(device: string, isPresent: boolean): Promise<void> {
    await this.#say(this.#twin.presence(device, isPresent, Date.now()));
  }

  /** What another device at the same bridge says. */
  async say(messages: readonly TwinMessage[]): Promise<void> {
    await this.#say(messages);
  }

  /** Disconnects properly: the broker does not publish the will. */
  async disconnect(): Promise<void> {
    this.#stopTimers();
    await this.#client?.disconnect();
    this.#client = undefined;
  }

  /** Cuts the power or the network: the broker publishes the will. */
  async lose(): Promise<void> {
    this.#stopTimers();
    await this.#client?.lose();
    this.#client = undefined;
  }

  /** What is published by itself depends on the manner. */
  #plan(): void {
    clearInterval(this.#again);
    clearTimeout(this.#drops);
    if (this.#client === undefined) return;
    const { againMs, manners } = this.#twin;
    if (Number.isFinite(againMs)) {
      this.#again = setInterval(() => this.#say(this.#twin.again(Date.now())).catch(this.#onError), againMs);
    }
    if (manners.has('restarts') || manners.has('reconnects')) {
      this.#drops = setTimeout(() => this.#drop(manners.has('restarts')).catch(this.#onError), RECONNECTS_MS);
    }
  }

  async #drop(isStart: boolean): Promise<void> {
    await this.lose();
    try {
      await this.connect(isStart);
    } catch (error) {
      this.#drops = setTimeout(() => this.#drop(isStart).catch(this.#onError), RECONNECTS_MS);
      throw error;
    }
  }

  /** While the device has no connection, what it would say is lost. */
  async #say(messages: readonly TwinMessage[]): Promise<void> {
    if (this.#client !== undefined) await this.#publish(this.#client, messages);
  }

  /** Messages that come at once come in order. */
  async #publish(client: DeviceClient, messages: readonly TwinMessage[]): Promise<void> {
    for (const said of messages.filter(({ afterMs }) => afterMs > 0)) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#send(client, said).catch(this.#onError);
      }, said.afterMs);
      this.#timers.add(timer);
    }
    for (const said of messages.filter(({ afterMs }) => afterMs === 0)) await this.#send(client, said);
  }

  async #send(client: DeviceClient, said: TwinMessage): Promise<void> {
    const { topic, payload, retain } = said;
    await client.publish(topic, payload, { qos: retain ? 1 : 0, retain });
    this.onPublished(said);
  }

  #stopTimers(): void {
    clearInterval(this.#again);
    clearTimeout(this.#drops);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
