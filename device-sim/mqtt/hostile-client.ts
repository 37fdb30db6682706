import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import mqtt from 'mqtt';

type HostileWay = 'passwords' | 'flood' | 'garbage' | 'connections' | 'forge';

interface Target {
  readonly port: number;
  /** Of the gateway's topics. */
  readonly root: string;
  /** A client that an attacker has taken over, and a topic that it may publish. */
  readonly taken: { readonly username: string; readonly password: string; readonly topic: string };
}

const GUESSES_AT_ONCE = 25;
const GARBAGE_BYTES = 512;
const FLOOD_BYTES = 1_000;

/** Somebody who means harm, at the broker. */
export class HostileClient {
  readonly #target: Target;
  readonly #sockets = new Set<Socket>();

  constructor(target: Target) {
    this.#target = target;
  }

  async attack(way: HostileWay, count: number): Promise<void> {
    switch (way) {
      case 'passwords':
        // Several at a time: a wrong password is answered late.
        for (let at = 0; at < count; at += GUESSES_AT_ONCE) {
          const end = Math.min(count, at + GUESSES_AT_ONCE);
          await Promise.all(Array.from({ length: end - at }, (_, each) => this.#guess(at + each)));
        }
        return;
      case 'garbage':
        for (let at = 0; at < count; at += 1) this.#open().end(randomBytes(GARBAGE_BYTES));
        return;
      case 'connections':
        for (let at = 0; at < count; at += 1) this.#open();
        return;
      case 'flood': {
        const { topic } = this.#target.taken;
        await this.#publish(Array.from({ length: count }, (_, at) => [`${topic}/${at % 100}`, randomText()]));
        return;
      }
      case 'forge':
        await this.#publish(Array.from({ length: count }, (_, at) => this.#forged(at)));
    }
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** A press and an alert that never were, in turn. */
  #forged(at: number): [topic: string, payload: string] {
    const id = `forged.1.${at}`;
    const { root } = this.#target;
    if (at % 2 === 0)
      return [`${root}/alert/${id}`, JSON.stringify({ id, state: 'raised', kind: 'intruder', device: 'forged' })];
    return [`${root}/dev/forged/event`, JSON.stringify({ event_id: id, device: 'forged', type: 'press' })];
  }

  async #guess(at: number): Promise<void> {
    const { port, taken } = this.#target;
    const login = { username: taken.username, password: `guess-${at}`, reconnectPeriod: 0, connectTimeout: 2_000 };
    try {
      await (await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, login, false)).endAsync(true);
    } catch {
      // Refused, as it should be.
    }
  }

  async #publish(messages: readonly (readonly [topic: string, payload: string])[]): Promise<void> {
    const { port, taken } = this.#target;
    const { username, password } = taken;
    try {
      const login = { username, password, reconnectPeriod: 0, connectTimeout: 2_000 };
      const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, login, false);
      client.on('error', () => undefined);
      for (const [topic, payload] of messages) client.publish(topic, payload);
      await client.endAsync();
    } catch {
      // Thrown out, as it should be.
    }
  }

  #open(): Socket {
    const socket = connectTcp(this.#target.port, '127.0.0.1');
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.resume();
    return socket;
  }
}

function randomText(): string {
  return randomBytes(FLOOD_BYTES / 2).toString('hex');
}
