/** Fields and values as in site.yaml. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a person writes to say which device it is. */
export interface ProfiledDevice {
  /** Where the topics of the device begin. */
  readonly topic: string;
  /** Bluetooth address of a tag behind a gateway, as `b4:35:22:00:01:02`. */
  readonly address?: string;
  /** The gateway's own name for the tag, as `bthomedevice:200`. */
  readonly component?: string;
}

/** How one family of devices uses MQTT, as fields of site.yaml. */
export interface MqttProfile {
  /** Of `topic`. */
  readonly example: string;
  /** What every `topic` of the family fits; absent: it may be any. */
  readonly topicPattern?: RegExp;
  /** Fields of the device: availability, bridge, battery, lastSeen. */
  device(device: ProfiledDevice): Fields;
  /** @param channel which key of the device; absent: the only one, or the first */
  button(device: ProfiledDevice, channel?: string): Fields;
  /** @param type `doorContact`, `bolt` or `tamper` */
  point(device: ProfiledDevice, type: string, channel?: string): Fields;
  readonly channel: Channel;
  /** One of these must be written beside `topic`. */
  readonly needsOneOf?: readonly ('address' | 'component')[];
}

/** What `channel:` means to the profile. */
export interface Channel {
  readonly pattern: RegExp;
  readonly about: string;
  /** Without it nothing can be read. */
  readonly required: boolean;
}

/** Of topics whose whole payload is `true` or `false`. */
export const TRUE_IS_ONLINE = { online: ['true'], offline: ['false'] };
