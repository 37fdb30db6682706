import { type BrokerLogin, DeviceClient } from '../../device-sim/mqtt/mqtt-client.ts';
import { type Random, randomBelow } from '../../device-sim/random.ts';

const EVERY_MS = 1000;
const KEPT = { qos: 1, retain: true } as const;
const AGAIN_MS = 1000;

interface Member {
  readonly id: string;
  readonly login: BrokerLogin;
  client: DeviceClient | undefined;
  timer: NodeJS.Timeout | undefined;
  away: NodeJS.Timeout | undefined;
  /** Presses that the broker does not have yet. */
  pressing: number;
}

/**
 * MQTT devices, each with its own account and connection, that publish their state once a second.
 */
export class Fleet {
  readonly #members: ReadonlyMap<string, Member>;
  readonly #random: Random;
  readonly #told: (trouble: string) => void;
  #stopped = false;
  #messages = 0;
  #connections = 0;

  constructor(
    url: string,
    passwords: ReadonlyMap<string, string>,
    devices: readonly string[],
    random: Random,
    told: (trouble: string) => void,
  ) {
    this.#random = random;
    this.#told = told;
    const member = (id: string): Member => {
      const login = { url, username: id, password: passwords.get(id) ?? '' };
      return { id, login, client: undefined, timer: undefined, away: undefined, pressing: 0 };
    };
    this.#members = new Map(devices.map((id) => [id, member(id)]));
  }

  get messages(): number {
    return this.#messages;
  }

  /** Returns the number of logins so far. */
  get connections(): number {
    return this.#connections;
  }

  async start(): Promise<void> {
    for (const member of this.#members.values()) {
      await this.#connect(member);
      // Each device has its own time within the second.
      member.timer = setTimeout(() => {
        member.timer = setInterval(() => this.#sayHow(member), EVERY_MS);
      }, this.#random() * EVERY_MS);
    }
  }

  /** Returns a random connected device; `undefined` if there is none. */
  anyone(): string | undefined {
    const there = [...this.#members.values()].filter(({ client }) => client !== undefined);
    return there[randomBelow(this.#random, there.length)]?.id;
  }

  /** Presses a device's button. Resolves when the broker has the press. */
  async press(id: string): Promise<void> {
    const member = this.#members.get(id);
    if (member?.client === undefined) throw new Error(`${id} is not connected`);
    member.pressing += 1;
    try {
      await member.client.publish(`home/${id}`, this.#state('single'), { qos: 1 });
    } finally {
      member.pressing -= 1;
    }
  }

  /** Cuts a device's power and restores it after this time, but not while it sends a press. */
  async blink(id: string, afterMs: number): Promise<void> {
    const member = this.#members.get(id);
    const client = member?.client;
    if (member === undefined || client === undefined || member.pressing > 0) return;
    member.client = undefined;
    await client.lose();
    this.#comeBack(member, afterMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer, away } of this.#members.values()) {
      clearInterval(timer);
      clearTimeout(away);
    }
    await Promise.all([...this.#members.values()].map(({ client }) => client?.lose()));
  }

  #comeBack(member: Member, afterMs: number): void {
    if (this.#stopped) return;
    member.away = setTimeout(() => {
      this.#connect(member).catch((error: unknown) => {
        this.#told(`${member.id} can't log in: ${String(error)}`);
        this.#comeBack(member, AGAIN_MS);
      });
    }, afterMs);
  }

  async #connect(member: Member): Promise<void> {
    const topic = `home/${member.id}/availability`;
    const client = await DeviceClient.connect(member.login, { topic, payload: '{"state":"offline"}' });
    if (this.#stopped) {
      await client.lose();
      return;
    }
    this.#connections += 1;
    const announce = () => client.publish(topic, '{"state":"online"}', KEPT);
    client.onReconnect(() => {
      this.#connections += 1;
      return announce();
    });
    await announce();
    member.client = client;
  }

  #sayHow({ id, client }: Member): void {
    if (client === undefined) return;
    this.#messages += 1;
    client.publish(`home/${id}`, this.#state('')).catch((error: unknown) => this.#told(`${id}: ${String(error)}`));
  }

  #state(action: string): string {
    return JSON.stringify({
      action,
      battery: 40 + randomBelow(this.#random, 60),
      linkquality: randomBelow(this.#random, 255),
    });
  }
}
