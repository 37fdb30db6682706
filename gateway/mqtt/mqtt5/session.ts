import type {
  IConnackPacket,
  IConnectPacket,
  IDisconnectPacket,
  IPublishPacket,
  ISubackPacket,
  ISubscribePacket,
  ISubscription,
  Packet,
} from 'mqtt-packet';
import { covers } from '../../../protocol/mqtt-topic-filter.ts';
import { checkProperties } from './properties.ts';
import { Mqtt5Error, REASON, reasonOfReturnCode } from './reasons.ts';

/** Unanswered messages of QoS 1 and 2 that a client may have here. */
const RECEIVE_MAXIMUM = 20;
/** §3.1.2.11.3: what a client can take that says nothing of it. */
const RECEIVE_MAXIMUM_DEFAULT = 65_535;
/** §3.2.2.3.14: the client uses this one instead of its own. */
const KEEP_ALIVE_S_MAX = 3600;
/** SUBACK of MQTT 3.1.1. */
const REFUSED = 0x80;

/**
 * What to do with a packet. Packets to the broker are of MQTT 3.1.1, those to the client of MQTT 5.
 */
export interface Step {
  readonly toBroker?: readonly Packet[];
  readonly toClient?: readonly Packet[];
  /** The client ends the connection, and wants its will published. */
  readonly endsWithWill?: true;
}

const NOTHING: Step = {};

type Will = NonNullable<IConnectPacket['will']>;

interface Asked {
  readonly subscriptions: readonly ISubscription[];
  /** The filters that were passed on, and the place of each in the broker's answer. */
  readonly passed: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
}

interface Subscription {
  readonly qos: number;
  readonly wantsRetained: boolean;
}

/**
 * Translates between a client of MQTT 5 and a broker of MQTT 3.1.1. It refuses what the broker does
 * not have with the reason code for it, and says in the CONNACK what that is.
 *
 * @throws Mqtt5Error from both directions, which ends the connection
 */
export class Mqtt5Session {
  #hasConnected = false;
  #connack: NonNullable<IConnackPacket['properties']> = {};
  #mayExplain = true;
  #keepsSession = false;
  /** True once a subscription wants no retained messages: few do. */
  #refusesRetained = false;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #asked = new Map<number, Asked>();
  readonly #unsubscribed = new Map<number, readonly string[]>();
  /** Refused messages of the client by id, until they are acknowledged. */
  readonly #refused = new Map<number, { readonly reasonCode: number; readonly what: string }>();
  /** Ids of refused messages of QoS 2 that only the broker still has to finish. */
  readonly #dropped = new Set<number>();
  receiveMaximum = RECEIVE_MAXIMUM_DEFAULT;
  packetBytesMax = Number.POSITIVE_INFINITY;

  /** The broker drops this message of the client, and will acknowledge it all the same. */
  refuse(messageId: number, reasonCode: number, what: string): void {
    this.#refused.set(messageId, { reasonCode, what });
  }

  /** @param newId makes up a client id */
  fromClient(packet: Packet, newId: () => string): Step {
    if ((packet.cmd === 'connect') === this.#hasConnected) {
      const what = this.#hasConnected ? 'sends a second CONNECT' : 'sends another packet before CONNECT';
      throw new Mqtt5Error(REASON.protocolError, what);
    }
    if ('properties' in packet) checkProperties(packet.cmd, packet.properties);
    switch (packet.cmd) {
      case 'connect':
        return this.#connect(packet, newId);
      case 'publish':
        return this.#publish(packet);
      case 'subscribe':
        return this.#subscribe(packet);
      case 'unsubscribe':
        if (packet.unsubscriptions.length === 0) throw new Mqtt5Error(REASON.protocolError, 'names no topic filter');
        this.#unsubscribed.set(idOf(packet), packet.unsubscriptions);
        return { toBroker: [{ cmd: 'unsubscribe', messageId: idOf(packet), unsubscriptions: packet.unsubscriptions }] };
      case 'pubrec':
        // The client refuses the message: nothing follows (§4.3.3).
        if ((packet.reasonCode ?? 0) >= REFUSED) return NOTHING;
        return { toBroker: [{ cmd: 'pubrec', messageId: idOf(packet) }] };
      case 'puback':
      case 'pubrel':
      case 'pubcomp':
        return { toBroker: [{ cmd: packet.cmd, messageId: idOf(packet) }] };
      case 'pingreq':
        return { toBroker: [packet] };
      case 'disconnect':
        return this.#disconnect(packet);
      default:
        throw new Mqtt5Error(REASON.protocolError, `sends ${packet.cmd.toUpperCase()}`);
    }
  }

  /** @param ownBytesMax longest packet that the broker takes from this client */
  fromBroker(packet: Packet, ownBytesMax: number): Step {
    switch (packet.cmd) {
      case 'connack':
        return { toClient: [this.#connected(packet, ownBytesMax)] };
      case 'publish':
        return packet.retain && !this.#wantsRetained(packet.topic) ? NOTHING : { toClient: [packet] };
      case 'puback':
      case 'pubrec':
        return this.#acknowledged(packet.cmd, idOf(packet));
      case 'pubcomp':
        return this.#dropped.delete(idOf(packet)) ? NOTHING : { toClient: [packet] };
      case 'suback':
        return { toClient: [this.#granted(packet)] };
      case 'unsuback':
        return { toClient: [this.#released(idOf(packet))] };
      default:
        return { toClient: [packet] };
    }
  }

  #connect(packet: IConnectPacket & { bridgeMode?: boolean }, newId: () => string): Step {
    this.#hasConnected = true;
    const { properties = {}, will, username, keepalive = 0 } = packet;
    if (packet.bridgeMode === true)
      throw new Mqtt5Error(REASON.unsupportedVersion, 'has a bridge bit, which MQTT 5 has not');
    // [MQTT-3.1.2-1]
    if (packet.protocolId !== 'MQTT') throw new Mqtt5Error(REASON.unsupportedVersion, 'does not call itself MQTT');
    checkProperties('will', will?.properties);
    if (properties.authenticationMethod !== undefined || properties.authenticationData !== undefined) {
      throw new Mqtt5Error(REASON.badAuthenticationMethod, 'wants another login than by user name and password');
    }
    for (const name of ['receiveMaximum', 'maximumPacketSize'] as const) {
      if (properties[name] === 0) throw new Mqtt5Error(REASON.protocolError, `sends the property ${name} with 0`);
    }
    this.receiveMaximum = properties.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT;
    this.packetBytesMax = properties.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#mayExplain = properties.requestProblemInformation !== false;
    this.#keepsSession = (properties.sessionExpiryInterval ?? 0) > 0;
    const clientId = packet.clientId === '' ? newId() : packet.clientId;
    const isOwnKeepAlive = keepalive > 0 && keepalive <= KEEP_ALIVE_S_MAX;
    this.#connack = {
      // No session outlives its connection: a will waits for no delay either (§3.1.3.2.2).
      ...(this.#keepsSession ? { sessionExpiryInterval: 0 } : {}),
      ...(packet.clientId === '' ? { assignedClientIdentifier: clientId } : {}),
      ...(isOwnKeepAlive ? {} : { serverKeepAlive: KEEP_ALIVE_S_MAX }),
    };
    const connect: IConnectPacket = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId,
      keepalive: isOwnKeepAlive ? keepalive : KEEP_ALIVE_S_MAX,
      ...(username === undefined ? {} : { username }),
      // A password alone is no login here, and none of MQTT 3.1.1.
      ...(username === undefined || packet.password === undefined ? {} : { password: packet.password }),
      ...(will === undefined ? {} : { will: without(will) }),
    };
    return { toBroker: [connect] };
  }

  #publish(packet: IPublishPacket): Step {
    const { topic, payload, qos, dup, retain, properties } = packet;
    if (properties?.topicAlias !== undefined) throw new Mqtt5Error(REASON.topicAliasInvalid, 'uses a topic alias');
    if (topic === '' || /[+#\0]/.test(topic)) throw new Mqtt5Error(REASON.topicNameInvalid, 'publishes to no topic');
    const message: IPublishPacket = { cmd: 'publish', topic, payload, qos, dup, retain };
    return { toBroker: [qos === 0 ? message : { ...message, messageId: idOf(packet) }] };
  }

  #subscribe(packet: ISubscribePacket): Step {
    const messageId = idOf(packet);
    if (packet.properties?.subscriptionIdentifier !== undefined) {
      throw new Mqtt5Error(REASON.subscriptionIdsNotSupported, 'uses subscription identifiers');
    }
    if (packet.subscriptions.length === 0) throw new Mqtt5Error(REASON.protocolError, 'names no topic filter');
    const refused = new Map<string, number>();
    const wanted = new Map<string, ISubscription>();
    for (const subscription of packet.subscriptions) {
      const reason = refusalOf(subscription);
      if (reason !== undefined) refused.set(subscription.topic, reason);
      else if (!this.#isUnchanged(subscription)) wanted.set(subscription.topic, subscription);
    }
    const asked: Asked = {
      subscriptions: packet.subscriptions,
      passed: new Map([...wanted.keys()].map((topic, at) => [topic, at])),
      refused,
    };
    if (wanted.size === 0) return { toClient: [this.#answer(asked, messageId, [])] };
    this.#asked.set(messageId, asked);
    const subscriptions = [...wanted.values()].map(({ topic, qos }) => ({ topic, qos }));
    // The broker reads the retained messages as soon as it has granted the subscription.
    for (const { topic, qos, rh } of wanted.values()) {
      const wantsRetained = rh !== 2 && !(rh === 1 && this.#subscriptions.has(topic));
      this.#subscriptions.set(topic, { qos, wantsRetained });
      this.#refusesRetained ||= !wantsRetained;
    }
    return { toBroker: [{ cmd: 'subscribe', messageId, subscriptions }] };
  }

  /** §3.8.3.1: with Retain Handling 1, a subscription that exists gets nothing again. */
  #isUnchanged({ topic, qos, rh }: ISubscription): boolean {
    return rh === 1 && this.#subscriptions.get(topic)?.qos === qos;
  }

  /**
   * The retain flag marks what a subscription has the broker send from memory, and nothing else.
   */
  #wantsRetained(topic: string): boolean {
    if (!this.#refusesRetained) return true;
    for (const [filter, { wantsRetained }] of this.#subscriptions) {
      if (wantsRetained && (filter === topic || covers(filter, topic))) return true;
    }
    return false;
  }

  #disconnect({ reasonCode = 0, properties }: IDisconnectPacket): Step {
    if ((properties?.sessionExpiryInterval ?? 0) > 0 && !this.#keepsSession) {
      throw new Mqtt5Error(REASON.protocolError, 'wants to keep a session that it did not ask for');
    }
    return reasonCode === REASON.success ? { toBroker: [{ cmd: 'disconnect' }] } : { endsWithWill: true };
  }

  #connected({ returnCode = 0 }: IConnackPacket, ownBytesMax: number): IConnackPacket {
    const reasonCode = reasonOfReturnCode(returnCode);
    if (reasonCode !== REASON.success) return { cmd: 'connack', sessionPresent: false, reasonCode };
    const properties = {
      ...this.#connack,
      receiveMaximum: RECEIVE_MAXIMUM,
      maximumPacketSize: ownBytesMax,
      topicAliasMaximum: 0,
      subscriptionIdentifiersAvailable: false,
      sharedSubscriptionAvailable: false,
    };
    return { cmd: 'connack', sessionPresent: false, reasonCode, properties };
  }

  #acknowledged(cmd: 'puback' | 'pubrec', messageId: number): Step {
    const refused = this.#refused.get(messageId);
    if (refused === undefined) return { toClient: [{ cmd, messageId, reasonCode: REASON.success }] };
    this.#refused.delete(messageId);
    const answer = { cmd, messageId, reasonCode: refused.reasonCode, ...this.#explained(refused.what) };
    if (cmd === 'puback') return { toClient: [answer] };
    // The client is done with it (§4.3.3). The broker still waits for the release.
    this.#dropped.add(messageId);
    return { toClient: [answer], toBroker: [{ cmd: 'pubrel', messageId }] };
  }

  #granted(packet: ISubackPacket): ISubackPacket {
    const messageId = idOf(packet);
    const asked = this.#asked.get(messageId);
    this.#asked.delete(messageId);
    if (asked === undefined) return { cmd: 'suback', messageId, granted: [REASON.unspecified] };
    return this.#answer(asked, messageId, packet.granted as number[]);
  }

  #answer({ subscriptions, passed, refused }: Asked, messageId: number, granted: readonly number[]): ISubackPacket {
    const codes = subscriptions.map(({ topic, qos }) => {
      const at = passed.get(topic);
      const code = at === undefined ? (refused.get(topic) ?? qos) : (granted[at] ?? REFUSED);
      return code === REFUSED ? REASON.notAuthorized : code;
    });
    for (const [topic, at] of passed) {
      if ((granted[at] ?? REFUSED) === REFUSED) this.#subscriptions.delete(topic);
    }
    const lacks = [...refused.values()].includes(REASON.implementation);
    return { cmd: 'suback', messageId, granted: codes, ...(lacks ? this.#explained(LACKS) : {}) };
  }

  #released(messageId: number): Packet {
    const filters = this.#unsubscribed.get(messageId) ?? [];
    this.#unsubscribed.delete(messageId);
    const granted = filters.map((filter) =>
      this.#subscriptions.delete(filter) ? REASON.success : REASON.noSubscriptionExisted,
    );
    return { cmd: 'unsuback', messageId, granted };
  }

  /** [MQTT-3.1.2-29] */
  #explained(reasonString: string): { properties?: { reasonString: string } } {
    return this.#mayExplain ? { properties: { reasonString } } : {};
  }
}

const LACKS = 'this broker has no "No Local" and no "Retain As Published"';

function refusalOf({ topic, nl, rap }: ISubscription): number | undefined {
  if (topic.startsWith('$share/')) return REASON.sharedNotSupported;
  return nl === true || rap === true ? REASON.implementation : undefined;
}

/** @throws Mqtt5Error if the packet has none */
function idOf({ messageId }: Packet): number {
  if (messageId === undefined || messageId <= 0)
    throw new Mqtt5Error(REASON.protocolError, 'sends a packet without id');
  return messageId;
}

/** MQTT 3.1.1 has no properties. */
function without({ topic, payload, qos, retain }: Will): Will {
  return { topic, payload, qos: qos ?? 0, retain: retain ?? false };
}
