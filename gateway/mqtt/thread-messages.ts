import type { GatewayCommand, Publication } from '../../protocol/mqtt-documents.ts';
import type { MqttSettings } from './settings.ts';

/** What crosses between the main thread and the MQTT thread. Plain data only: it is cloned. */

/** What tests shorten, ms. */
export interface BrokerTimes {
  /** How long an external broker may take nothing of what it is given. */
  readonly stallMs: number;
  /** An event older than this is dropped: said later, it would look new. */
  readonly eventLifeMs: number;
  /** Wait before it tries again to listen. */
  readonly listenRetryMs: number;
  /** Wait before it refuses a wrong password. */
  readonly refusalMs: number;
  /** Time without strain before it is told as over. */
  readonly calmMs: number;
}

/** Handed to the thread at its start. */
export interface ThreadSetup {
  readonly settings: MqttSettings;
  readonly session: number;
  readonly times: BrokerTimes;
}

export interface PostedEntry {
  /** Rises by one with each entry posted; the thread gives it back when it is done with the entry. */
  readonly ticket: number;
  readonly publication: Publication;
  /** Of an event: monotonic ms at which it happened. */
  readonly atMs?: number;
}

/** Asks for the addresses of a host: looked up now, or kept from before this start. */
export interface NamesQuestion {
  readonly type: 'lookup' | 'kept';
  readonly host: string;
}

export interface NamesAnswer {
  readonly type: 'addresses';
  readonly to: NamesQuestion;
  /** Empty: none is known. */
  readonly addresses: readonly string[];
}

export type ToThread =
  | { readonly type: 'publish'; readonly entries: readonly PostedEntry[] }
  | NamesAnswer
  /** Say farewell and end. */
  | { readonly type: 'stop' };

export interface Done {
  readonly ticket: number;
  /** Monotonic ms at which the broker had it; absent: it was refused. */
  readonly atMs?: number;
}

/** Something a person should be able to read in the log; rate limited by the thread. */
export interface MqttNotice {
  readonly level: 'info' | 'warn';
  /** e.g. `mqtt_login_refused` */
  readonly event: string;
  readonly detail: string;
}

/** `full`: connections had to give way to others. `guessing`: wrong passwords, more than people mistype. */
export type Strain = 'full' | 'guessing';

export type FromThread =
  | { readonly type: 'done'; readonly entries: readonly Done[] }
  | { readonly type: 'health'; readonly state: 'up' | 'down'; readonly detail: string }
  | NamesQuestion
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'notice'; readonly notice: MqttNotice }
  /** Told once when it begins and once when it is over; a new thread begins without. `detail` holds nothing that a client chose. */
  | { readonly type: 'strain'; readonly strain: Strain; readonly standing: boolean; readonly detail: string }
  | { readonly type: 'command'; readonly command: GatewayCommand }
  /** The broker may have forgotten what it retained: send every state again. */
  | { readonly type: 'resync' }
  /** Once a second, so that a thread that hangs is noticed. */
  | { readonly type: 'alive' };
