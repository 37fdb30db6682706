/**
 * What `callpoint devices discover` finds: devices that an input has heard and that the
 * configuration does not have (strangers). The running gateway answers the question `discovered`
 * with it; without a gateway the command listens itself. Times named `…_at` are ISO 8601 UTC.
 */
export interface DiscoveryDocument {
  /** When it was asked. */
  readonly at: string;
  readonly listener: 'gateway' | 'command';
  readonly inputs: readonly ListenedInput[];
  readonly strangers: readonly Stranger[];
}

/** One input, and whether strangers can be heard on it. */
export interface ListenedInput {
  /** Input (configuration id), or the radio or port that the command was given. */
  readonly input: string;
  readonly driver: string;
  readonly state: 'listening' | 'notListening';
  /** For a person: what it hears, or why it hears nothing and what to do. */
  readonly detail: string;
  /** Strangers that had to make room for others: the list is not whole. */
  readonly left_out: number;
}

export type Stranger = NodeStranger | BthomeStranger | BeaconStranger | MqttStranger | ModbusStranger;

interface Heard {
  readonly input: string;
  readonly first_heard_at: string;
  readonly last_heard_at: string;
  /** When it last did what a person does to it: a press, a contact that moved. */
  readonly moved_at?: string;
  /** What it did then, for a person: `button 0 pressed`. */
  readonly movement?: string;
  /** Frames, advertisements or messages. */
  readonly messages: number;
}

/** A node on the button bus that is not enrolled, or whose frames its own key does not open. */
export interface NodeStranger extends Heard {
  readonly kind: 'node';
  /** 1…254 */
  readonly address: number;
  /** Factory serial number, 16 hex digits: only a node that has just started says it. */
  readonly serial?: string;
  /** The device (configuration id) that has this address: the node has another key. */
  readonly claims?: string;
  /** The device whose key opens its frames: it is that node, at another address. */
  readonly opened_by_key_of?: string;
  /** Not every known key has been tried yet: ask again. */
  readonly keys_left_to_try?: true;
}

export interface BthomeStranger extends Heard {
  readonly kind: 'bthome';
  /** `54:48:E6:8F:80:A5` */
  readonly address: string;
  readonly rssi_dbm: number;
  readonly encrypted: boolean;
  /** It is silent between events. */
  readonly trigger_based: boolean;
  /** Ids of the objects in its last message, `0x3a`. None of an encrypted one. */
  readonly object_ids: readonly string[];
  readonly battery_percent?: number;
  /** How many buttons and openings are in its last message. */
  readonly buttons?: number;
  readonly openings?: number;
}

export interface BeaconStranger extends Heard {
  readonly kind: 'iBeacon' | 'eddystone';
  /** Of an iBeacon: 32 hex digits. */
  readonly uuid?: string;
  readonly major?: number;
  readonly minor?: number;
  /** Of Eddystone-UID: 20 and 12 hex digits. */
  readonly namespace?: string;
  readonly instance?: string;
  /** That it had last. Fobs change it. */
  readonly address: string;
  readonly rssi_dbm: number;
}

/** A button or sensor on an MQTT broker. */
export interface MqttStranger extends Heard {
  readonly kind: 'mqtt';
  /** Family of devices, as `profile:` of site.yaml; absent: none fits. */
  readonly profile?: string;
  /** As `topic:` of site.yaml. */
  readonly topic: string;
  readonly offers: 'button' | 'doorContact';
  /** Which tag of a gateway, as in site.yaml. */
  readonly address?: string;
  readonly component?: string;
  /** Name and model that its bridge gives. */
  readonly name?: string;
  readonly model?: string;
  /** Keys or inputs that are known of it, as `channel:` of site.yaml. */
  readonly channels: readonly string[];
  readonly battery_percent?: number;
}

/** A Modbus module that answers and is not in the configuration. */
export interface ModbusStranger extends Heard {
  readonly kind: 'modbus';
  /** 1…247 */
  readonly address: number;
  /** As `table:` of site.yaml; absent: it refuses to show inputs. */
  readonly table?: 'discreteInputs' | 'coils';
  /** The first inputs; `true`: on. */
  readonly inputs: readonly boolean[];
  /** Number of the input that moved last. */
  readonly moved_input?: number;
}

/** Serial ports and GPIO chips, as the kernel of this machine lists them. Nothing is opened. */
export interface MachineDocument {
  readonly serial_ports: readonly SerialPortDocument[];
  readonly gpio_chips: readonly GpioChipDocument[];
  readonly radios: readonly RadioDocument[];
}

export interface SerialPortDocument {
  /** `/dev/ttyUSB0` */
  readonly device: string;
  /** Links under /dev/serial that lead to it. */
  readonly by_id?: string;
  readonly by_path?: string;
  readonly vendor_id?: string;
  readonly product_id?: string;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serial_number?: string;
  /** Other adapters here have the same name under by-id: it has to be named by its USB socket. */
  readonly shared_name?: boolean;
  /** Programs that have it open, `callpoint (pid 412)`. */
  readonly held_by: readonly string[];
  /** Inputs and paths of the site that use it. */
  readonly used_by: readonly string[];
}

export interface GpioChipDocument {
  readonly device: string;
  readonly label?: string;
  /** Why the kernel does not show its lines. */
  readonly fault?: string;
  readonly lines: readonly GpioLineDocument[];
}

interface GpioLineDocument {
  readonly offset: number;
  readonly name: string;
  /** Who holds it; absent: nobody. */
  readonly consumer?: string;
  /** Device or output of the site that uses it. */
  readonly used_by?: string;
  /** What else the line is for. */
  readonly second_job?: string;
}

export interface RadioDocument {
  /** `hci0` */
  readonly name: string;
  /** USB socket, as `adapters:` of site.yaml names it. */
  readonly port?: string;
  readonly blocked?: 'hard' | 'soft';
}
