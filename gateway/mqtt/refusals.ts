import type { Client, PublishPacket, Subscription } from 'aedes';
import { Mqtt5Connection } from './mqtt5/connection.ts';
import { REASON } from './mqtt5/reasons.ts';
import type { Cause } from './turned-away-clients.ts';

/** A topic that nobody may subscribe to. */
const NOBODYS_TOPIC = '$SYS/relayed';
const NOTHING = Buffer.alloc(0);

/** Why a client's message is refused. */
export interface Refusal extends Cause {
  /** Whoever does too much loses the connection. */
  readonly isFlood?: true;
}

/**
 * Ends the connection. Its event is its own: the log passes few of each, and a client that is
 * refused a thousand times must not hide why it was cut off in the end.
 */
export function flood(what: string): Refusal {
  return { event: 'mqtt_flood', what, advice: 'find out what it sends so often', isFlood: true };
}

/** Nobody hears the message, and the library acknowledges it. */
export function swallow(packet: PublishPacket): void {
  packet.topic = NOBODYS_TOPIC;
  packet.payload = NOTHING;
  packet.retain = false;
}

/** True if the client is told in the acknowledgement that its message is refused, and why. */
export function isRefused5(client: Client | null, packet: PublishPacket, { what }: Cause): boolean {
  const { messageId } = packet;
  if (!(client?.conn instanceof Mqtt5Connection) || client.closed || packet.qos === 0 || messageId === undefined) {
    return false;
  }
  client.conn.refuse(messageId, REASON.notAuthorized, what);
  swallow(packet);
  return true;
}

/**
 * The library's own messages under `$SYS` are for nobody. It would count them for who subscribes
 * there, and then drop what they have overtaken.
 */
export function served(subscription: Subscription): Subscription {
  return subscription.topic.startsWith('$') ? { ...subscription, topic: '$SYS/none' } : subscription;
}
