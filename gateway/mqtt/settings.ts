import type { LinkPem } from '../system/certificates.ts';

export interface MqttSettings {
  readonly gateway: string;
  readonly broker: EmbeddedBroker | ExternalBroker;
  /** Home Assistant discovery prefix, usually `homeassistant`; absent: no discovery. */
  readonly homeAssistantPrefix?: string;
}

export interface EmbeddedBroker {
  readonly type: 'embedded';
  /** Address to listen on. Anything but loopback needs `tls`. */
  readonly host: string;
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly clients: readonly MqttClient[];
}

/** The same with certificates that were renewed on disk. */
export function renewed(settings: MqttSettings, { ca, own }: LinkPem): MqttSettings {
  const { broker } = settings;
  if (broker.type === 'embedded')
    return own === undefined ? settings : { ...settings, broker: { ...broker, tls: own } };
  return ca === undefined ? settings : { ...settings, broker: { ...broker, ca } };
}

export interface MqttClient {
  readonly name: string;
  readonly password: string;
  /**
   * `viewer` may read the gateway's tree. `operator` may also publish to `cmd/`. `device` may
   * publish and read in its own topics only. `reader` is the gateway's own account: it may read in
   * its topics and publish to those it `publishes` to.
   */
  readonly role: 'viewer' | 'operator' | 'device' | 'reader';
  /** Topic filters of a device or reader. None of them lies within the gateway's tree. */
  readonly topics?: readonly string[];
  /** Topics, without wildcards, through which a reader switches relays and sirens. */
  readonly publishes?: readonly string[];
}

export interface ExternalBroker {
  readonly type: 'external';
  /** `mqtt://host:port` (loopback only) or `mqtts://host:port`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /**
   * PEM text of the authority that signed the broker's certificate. Absent: the system's
   * authorities.
   */
  readonly ca?: string;
}
