import type { Socket } from 'node:net';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { rawSocket } from './mqtt-harness.ts';

const VERSION = { protocolVersion: 5 } as const;

/** A client of MQTT 5 that sends what a test wants, and keeps every packet that it gets. */
export class Client5 {
  readonly socket: Socket;
  readonly heard: Packet[] = [];
  isClosed = false;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    const reading = parser(VERSION);
    const told = (): void => {
      for (const check of this.#waiting.splice(0)) check();
    };
    reading.on('packet', (packet) => {
      this.heard.push(packet);
      told();
    });
    socket.on('data', (chunk: Buffer) => reading.parse(chunk));
    socket.on('close', () => {
      this.isClosed = true;
      told();
    });
  }

  static async open(port: number): Promise<Client5> {
    return new Client5(await rawSocket(port));
  }

  static async logIn(port: number, account: Account, change: Partial<IConnectPacket> = {}): Promise<Client5> {
    const client = await Client5.open(port);
    client.send(connect5(account, change));
    await client.next('connack');
    return client;
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet, VERSION));
  }

  /** The next packet of this kind. It is taken from those heard. */
  async next<T extends Packet['cmd']>(cmd: T): Promise<Extract<Packet, { cmd: T }>> {
    for (;;) {
      const at = this.heard.findIndex((packet) => packet.cmd === cmd);
      if (at >= 0) return this.heard.splice(at, 1)[0] as Extract<Packet, { cmd: T }>;
      if (this.isClosed) throw new Error(`closed without ${cmd}; heard ${JSON.stringify(this.heard)}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

export function connect5({ name, password }: Account, change: Partial<IConnectPacket> = {}): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 5,
    clean: true,
    clientId: 'raw-5',
    keepalive: 60,
    username: name,
    password: Buffer.from(password),
    ...change,
  };
}
