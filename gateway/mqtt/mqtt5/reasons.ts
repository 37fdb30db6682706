/** The reason codes of MQTT 5 (§2.4) that this broker gives. */
export const REASON = {
  success: 0x00,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformed: 0x81,
  protocolError: 0x82,
  implementation: 0x83,
  unsupportedVersion: 0x84,
  clientIdInvalid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  unavailable: 0x88,
  shuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  takenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  sharedNotSupported: 0x9e,
  subscriptionIdsNotSupported: 0xa1,
} as const;

/** CONNACK return codes of MQTT 3.1.1 (§3.2.2.3), in the order of their numbers. */
const OF_RETURN_CODE: readonly number[] = [
  REASON.success,
  REASON.unsupportedVersion,
  REASON.clientIdInvalid,
  REASON.unavailable,
  REASON.badUserNameOrPassword,
  REASON.notAuthorized,
];

export function reasonOfReturnCode(code: number): number {
  return OF_RETURN_CODE[code] ?? REASON.unspecified;
}

/** Why the broker or its library ended a connection, by the message of the error. */
const OF_ERROR: readonly (readonly [RegExp, number])[] = [
  [/^keep alive timeout/, REASON.keepAliveTimeout],
  [/^packet longer/, REASON.packetTooLarge],
  [/^(too many|drain timeout|cut off|has \d+ subscriptions)/, REASON.quotaExceeded],
  [/^maxInflightInbound/, REASON.receiveMaximumExceeded],
  [/^may /, REASON.notAuthorized],
  [/^its account/, REASON.administrativeAction],
  [/SUBSCRIBE/, REASON.topicFilterInvalid],
  [/too many levels|PUBLISH/, REASON.topicNameInvalid],
];

export function reasonOfError({ message }: Error): number {
  return OF_ERROR.find(([pattern]) => pattern.test(message))?.[1] ?? REASON.unspecified;
}

/** Ends a connection of MQTT 5. */
export class Mqtt5Error extends Error {
  override readonly name = 'Mqtt5Error';
  readonly reasonCode: number;

  constructor(reasonCode: number, what: string) {
    super(what);
    this.reasonCode = reasonCode;
  }
}
