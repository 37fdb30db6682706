import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { generate, type IPublishPacket, type Packet, type Parser, parser } from 'mqtt-packet';
import { quoted } from '../access.ts';
import { PacketLimit } from '../packet-limit.ts';
import { Mqtt5Error, REASON, reasonOfError } from './reasons.ts';
import { Mqtt5Session, type Step } from './session.ts';

/** What the broker said last gets this long to leave. */
const FAREWELL_MS = 1000;
const PACKET_ID_MAX = 65_535;
/** What a message that waits costs beside its topic and payload. */
const HELD_BYTES = 200;
const VERSION_4 = { protocolVersion: 4 } as const;
const VERSION_5 = { protocolVersion: 5 } as const;

interface Mqtt5Deps {
  /** Longest body of a packet that this client may send now: less before its login. */
  readonly packetBytesMax: () => number;
  /** @returns the error to end the connection with */
  readonly packetTooLong: (bytes: number) => Error;
  /** A message is longer than the client takes. */
  readonly notSent: (what: string) => void;
  readonly isStopping: () => boolean;
}

/**
 * A client of MQTT 5, for a broker that speaks MQTT 3.1.1: the broker reads and writes this stream
 * as if it were the client's socket. Who does not read stops its sender. What is collected here for
 * a client that reads and does not acknowledge counts as unread.
 */
export class Mqtt5Connection extends Duplex {
  readonly #socket: Socket;
  readonly #deps: Mqtt5Deps;
  readonly #session = new Mqtt5Session();
  readonly #limit: PacketLimit;
  readonly #ofClient: Parser = parser(VERSION_5);
  readonly #ofBroker: Parser = parser(VERSION_4);
  /** Messages of QoS 1 and 2 that the client has not acknowledged, by id. */
  readonly #unacknowledged = new Set<number>();
  /** Those that wait until it has: it takes no more at once (§4.9). */
  readonly #held: IPublishPacket[] = [];
  #heldBytes = 0;
  #lastId = 0;
  /** The client has been let in. */
  #isIn = false;
  #isAnswered = false;
  #hasLeft = false;

  constructor(socket: Socket, deps: Mqtt5Deps) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    this.#deps = deps;
    this.#limit = new PacketLimit(deps.packetBytesMax());
    this.#ofClient.on('packet', (packet) => this.#take(packet));
    this.#ofClient.on('error', (error: Error) => this.#fail(new Mqtt5Error(REASON.malformed, error.message)));
    this.#ofBroker.on('packet', (packet) => this.#carryOut(this.#session.fromBroker(packet, deps.packetBytesMax())));
    this.#ofBroker.on('error', (error: Error) => this.destroy(error));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('end', () => this.push(null));
    socket.on('data', (chunk: Buffer) => this.#heard(chunk));
  }

  /** The broker drops this message of the client, and acknowledges it. */
  refuse(messageId: number, reasonCode: number, what: string): void {
    this.#session.refuse(messageId, reasonCode, what);
  }

  /** Bytes that the client has not read, and messages that it has no room for. */
  get unreadBytes(): number {
    return this.writableLength + this.#heldBytes;
  }

  setKeepAlive(enable: boolean): void {
    this.#socket.setKeepAlive(enable);
  }

  #heard(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#limit.maxBytes = this.#deps.packetBytesMax();
    if (!this.#limit.accepts(chunk)) {
      this.#fail(this.#deps.packetTooLong(this.#limit.announced));
      return;
    }
    try {
      this.#ofClient.parse(chunk);
    } catch {
      // The library reads past the end of some packets that are too short.
      this.#fail(new Mqtt5Error(REASON.malformed, 'sends a packet that is too short'));
    }
  }

  #take(packet: Packet): void {
    if (this.destroyed) return;
    try {
      this.#carryOut(this.#session.fromClient(packet, () => `auto-${randomUUID()}`));
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    const isAcknowledged = packet.cmd === 'puback' || packet.cmd === 'pubcomp' || isRefusal(packet);
    if (isAcknowledged && this.#unacknowledged.delete(packet.messageId ?? 0)) this.#release();
  }

  #carryOut({ toBroker = [], toClient = [], endsWithWill }: Step): void {
    for (const packet of toBroker) {
      if (packet.cmd === 'disconnect') this.#hasLeft = true;
      if (!this.push(generate(packet, VERSION_4))) this.#socket.pause();
    }
    for (const packet of toClient) this.#say(packet);
    if (endsWithWill === true) {
      this.#hasLeft = true;
      this.push(null);
    }
  }

  /**
   * Messages of QoS 1 and 2 wait for their turn, and nothing else does [MQTT-4.9.0-3]: a client may
   * want its own message acknowledged before it acknowledges ours.
   */
  #say(packet: Packet): void {
    if (packet.cmd === 'publish' && packet.qos > 0) {
      this.#held.push(packet);
      this.#heldBytes += costOf(packet);
      this.#release();
      return;
    }
    if (packet.cmd === 'connack') this.#isAnswered = true;
    const isWritten = this.#write(packet);
    if (packet.cmd === 'connack') this.#isIn = isWritten && packet.reasonCode === REASON.success;
  }

  #release(): void {
    while (this.#unacknowledged.size < this.#session.receiveMaximum) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#heldBytes -= costOf(next);
      // The broker counts ids up, whether or not the client has acknowledged the former message of
      // an id, and needs them for nothing: this id is free (§2.2.1).
      const message = { ...next, messageId: this.#freeId() };
      if (this.#write(message)) this.#unacknowledged.add(message.messageId);
    }
  }

  #freeId(): number {
    do this.#lastId = (this.#lastId % PACKET_ID_MAX) + 1;
    while (this.#unacknowledged.has(this.#lastId));
    return this.#lastId;
  }

  /**
   * [MQTT-3.1.2-24], and §3.2.2.3.9: a reason is left out if it makes the packet too long.
   * @returns false if the client does not get the packet
   */
  #write(packet: Packet): boolean {
    const bytes = generate(packet, VERSION_5);
    const most = `${this.#session.packetBytesMax} bytes`;
    if (bytes.length <= this.#session.packetBytesMax) {
      this.#socket.write(bytes);
      return true;
    }
    if (packet.cmd === 'publish') {
      this.#deps.notSent(`takes packets of ${most}: it does not get ${quoted(packet.topic)} (${bytes.length} bytes)`);
      return false;
    }
    if ('properties' in packet && packet.properties !== undefined && 'reasonString' in packet.properties) {
      const { reasonString: _, ...properties } = packet.properties;
      return this.#write({ ...packet, properties } as Packet);
    }
    const what = `takes packets of ${most}, and the ${packet.cmd.toUpperCase()} for it has ${bytes.length}`;
    if (!this.destroyed) this.#fail(new Mqtt5Error(REASON.packetTooLarge, what));
    return false;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    try {
      this.#ofBroker.parse(chunk);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    if (this.#socket.writableNeedDrain) this.#socket.once('drain', () => done());
    else done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', done);
  }

  #fail(error: Error): void {
    this.destroy(error);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#sayWhy(error);
    this.#ofClient.removeAllListeners('packet');
    this.#held.length = 0;
    this.#heldBytes = 0;
    const socket = this.#socket;
    if (!socket.destroyed) {
      const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
      socket.once('close', () => clearTimeout(timer));
      socket.destroySoon();
    }
    done(error);
  }

  /**
   * Says why the broker ends the connection: §3.14.2.1, or §3.2.2.2 if there was no CONNACK yet.
   */
  #sayWhy(error: Error | null): void {
    if (this.#hasLeft || this.#socket.destroyed || this.#socket.writableNeedDrain) return;
    if (this.#isIn) {
      const reasonCode = this.#endingReason(error);
      const reason = error === null ? {} : { properties: { reasonString: error.message } };
      this.#write({ cmd: 'disconnect', reasonCode, ...reason });
    } else if (!this.#isAnswered && error instanceof Mqtt5Error) {
      const { reasonCode, message: reasonString } = error;
      this.#write({ cmd: 'connack', sessionPresent: false, reasonCode, properties: { reasonString } });
    }
  }

  #endingReason(error: Error | null): number {
    if (error instanceof Mqtt5Error) return error.reasonCode;
    if (error !== null) return reasonOfError(error);
    // The broker closes without an error when it stops, and when a client of this id connects
    // again.
    return this.#deps.isStopping() ? REASON.shuttingDown : REASON.takenOver;
  }
}

/** A client that refuses a message of QoS 2 will not complete it (§4.9). */
function isRefusal(packet: Packet): boolean {
  return packet.cmd === 'pubrec' && (packet.reasonCode ?? 0) >= REASON.unspecified;
}

function costOf({ topic, payload }: IPublishPacket): number {
  return HELD_BYTES + topic.length + payload.length;
}
