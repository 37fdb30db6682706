/** §2.2.2.2: identifier of the property Reason String. */
const REASON_STRING = 0x1f;
/** §3.2.2.2: Unsupported Protocol Version. */
const UNSUPPORTED_PROTOCOL_VERSION = 0x84;
const REASON = 'this broker speaks MQTT 3.1.1: set protocol version 4';

/**
 * The CONNACK that refuses a client of MQTT 5, in the form of MQTT 5 (§3.2): the client could not
 * read the one of MQTT 3.1.1. It says why in words, unless the client takes no packet of this size
 * [MQTT-3.2.2-19].
 */
export function unsupportedVersion(maximumPacketSize = Number.POSITIVE_INFINITY): Buffer {
  const reason = Buffer.from(REASON);
  const property = Buffer.concat([Buffer.from([REASON_STRING, 0, reason.length]), reason]);
  const connack = (properties: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from([0, UNSUPPORTED_PROTOCOL_VERSION, properties.length]), properties]);
    return Buffer.concat([Buffer.from([0x20, body.length]), body]);
  };
  const explained = connack(property);
  return explained.length > maximumPacketSize ? connack(Buffer.alloc(0)) : explained;
}
