/** How an input reads devices' messages from a broker. */
export interface BrokerAccess {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text. */
  readonly ca?: string;
}
