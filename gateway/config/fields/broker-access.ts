/** How devices' messages are read from a broker. */
export interface BrokerAccess {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text. */
  readonly ca?: string;
}
