import { Mqtt5Error, REASON } from './reasons.ts';

/** The properties that a client may send, by packet (MQTT 5 §2.2.2.2). */
const ACKNOWLEDGEMENT = ['reasonString', 'userProperties'];
const MESSAGE = [
  'payloadFormatIndicator',
  'messageExpiryInterval',
  'contentType',
  'responseTopic',
  'correlationData',
  'userProperties',
];
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  connect: [
    'sessionExpiryInterval',
    'receiveMaximum',
    'maximumPacketSize',
    'topicAliasMaximum',
    'requestResponseInformation',
    'requestProblemInformation',
    'userProperties',
    'authenticationMethod',
    'authenticationData',
  ],
  will: [...MESSAGE, 'willDelayInterval'],
  publish: [...MESSAGE, 'topicAlias'],
  puback: ACKNOWLEDGEMENT,
  pubrec: ACKNOWLEDGEMENT,
  pubrel: ACKNOWLEDGEMENT,
  pubcomp: ACKNOWLEDGEMENT,
  subscribe: ['subscriptionIdentifier', 'userProperties'],
  unsubscribe: ['userProperties'],
  disconnect: ['sessionExpiryInterval', 'reasonString', 'userProperties'],
};

/**
 * Checks what the parser leaves unchecked: a property in the wrong packet, twice, or cut off.
 * @throws Mqtt5Error
 */
export function checkProperties(of: string, properties: object | undefined): void {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (ALLOWED[of]?.includes(name) !== true) {
      throw new Mqtt5Error(REASON.protocolError, `sends the property ${name} in ${of.toUpperCase()}`);
    }
    if (Array.isArray(value)) throw new Mqtt5Error(REASON.protocolError, `sends the property ${name} twice`);
    if (value === null || value === undefined || value === -1) {
      throw new Mqtt5Error(REASON.malformed, `sends the property ${name} without its value`);
    }
  }
}
