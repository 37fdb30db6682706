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

export interface MqttClient {
  readonly name: string;
  readonly password: string;
  /** `viewer` may read the gateway's tree; `operator` may also publish to `cmd/`. */
  readonly role: 'viewer' | 'operator';
}

export interface ExternalBroker {
  readonly type: 'external';
  /** `mqtt://host:port` (loopback only) or `mqtts://host:port`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM text of the authority that signed the broker's certificate; absent: the system's. */
  readonly ca?: string;
}
