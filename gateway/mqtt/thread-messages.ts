import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { LinkPem, Validity } from '../system/certificates.ts';
import type { MqttClient, MqttSettings } from './settings.ts';
import type { WrittenPublication } from './written-publication.ts';

/** Messages between the main thread and the MQTT thread. Plain data only, because it is cloned. */

/** Times that tests shorten, ms. */
export interface BrokerTimes {
  /** An external broker that acknowledges nothing for this long is down. */
  readonly stallMs: number;
  /** An event older than this is dropped: later it would look new. */
  readonly eventLifeMs: number;
  /** Wait before the next attempt to listen. */
  readonly listenRetryMs: number;
  /** Wait before a wrong password is refused. */
  readonly refusalMs: number;
  /** Time without strain before it counts as over. */
  readonly quietMs: number;
  /** A client is well when it has been connected for this long without being turned away. */
  readonly steadyMs: number;
  /** A stranger that is turned away becomes a trouble only if it still comes after this time. */
  readonly persistMs: number;
}

/** Handed to the thread at its start. */
export interface ThreadSetup {
  readonly settings: MqttSettings;
  readonly session: number;
  readonly times: BrokerTimes;
}

export interface PostedEntry {
  /** Rises by one with each entry. The thread returns it when it has finished the entry. */
  readonly ticket: number;
  readonly publication: WrittenPublication;
  /** Of an event: monotonic ms at which it happened. */
  readonly atMs?: MonoMs;
}

/** Asks for the addresses of a host: new ones, or those kept from before this start. */
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
  /** Certificates were renewed on disk. */
  | { readonly type: 'renew'; readonly pem: LinkPem }
  /** The accounts at the embedded broker have changed. */
  | { readonly type: 'clients'; readonly clients: readonly MqttClient[] }
  /** Publish the farewell and end. */
  | { readonly type: 'stop' };

export interface Done {
  readonly ticket: number;
  /** Monotonic ms at which the broker had it; absent: it was refused. */
  readonly atMs?: MonoMs;
}

/** A line for the log that a person should be able to read. The thread limits the rate. */
export interface MqttNotice {
  readonly level: 'info' | 'warn';
  /** e.g. `mqtt_login_refused` */
  readonly event: string;
  readonly detail: string;
}

/**
 * `full`: connections had to make room for others. `guessing`: more wrong passwords than people
 * mistype.
 */
export type Strain = 'full' | 'guessing';

export type FromThread =
  | { readonly type: 'done'; readonly entries: readonly Done[] }
  | { readonly type: 'health'; readonly state: 'up' | 'down'; readonly detail: string }
  | NamesQuestion
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'notice'; readonly notice: MqttNotice }
  /**
   * Sent once when the strain begins and once when it is over. A new thread begins without strain.
   * `detail` holds nothing that a client chose.
   */
  | { readonly type: 'strain'; readonly strain: Strain; readonly standing: boolean; readonly detail: string }
  /**
   * Clients of this account are turned away, or no longer. Without account: clients that have not
   * logged in; `detail` then holds nothing that they chose.
   */
  | { readonly type: 'turnedAway'; readonly account?: string; readonly standing: boolean; readonly detail: string }
  | { readonly type: 'command'; readonly command: GatewayCommand }
  /** The external broker has shown its certificate. */
  | { readonly type: 'peerCertificate'; readonly validity: Validity }
  /** The broker may have lost its retained messages: send every state again. */
  | { readonly type: 'resync' }
  /** Sent once a second, so that a thread that hangs is noticed. */
  | { readonly type: 'alive' };
