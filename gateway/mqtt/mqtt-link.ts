import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { Publication } from '../../protocol/mqtt-documents.ts';
import type { LinkPem, Validity } from '../system/certificates.ts';
import type { MqttSettings } from './settings.ts';
import type { MqttNotice, Strain } from './thread-messages.ts';

/**
 * Receives what happens to MQTT. Never called from within `startMqtt` or `publish`. Must not throw.
 * Knows the open alerts.
 */
export interface MqttSink {
  /**
   * The broker has the publication with this number. `atMs`: monotonic ms. May come twice after the
   * thread was restarted.
   */
  published(number: number, atMs: MonoMs): void;
  /** May repeat a state with another detail. */
  health(state: 'up' | 'down', detail: string): void;
  /** Called once when the strain begins and once when it is over. */
  strain(strain: Strain, standing: boolean, detail: string): void;
  /**
   * Clients of this account are turned away, or no longer. `undefined`: clients that have not
   * logged in. May repeat a state with another detail.
   */
  turnedAway?(account: string | undefined, standing: boolean, detail: string): void;
  command(command: GatewayCommand): void;
  /**
   * The newest document of each open alert, made when it is read. `undefined`: documents are about
   * to be published that are older; read on later. Alerts that are raised or closed meanwhile are
   * published as always.
   */
  openAlerts(): Iterator<Publication | undefined>;
  /** The external broker has shown its certificate, at each connection. */
  peerCertificate?(validity: Validity): void;
  /** The embedded broker listens on this port. */
  listening?(port: number): void;
  /**
   * For the log, rate limited. Without it, a notice is reported as health with the present state.
   */
  notice?(notice: MqttNotice): void;
}

export interface MqttLink {
  /** Never blocks, never throws, never waits for a broker. Ignored after `stop`. */
  publish(publication: Publication, number?: number): void;
  /**
   * Certificates were renewed on disk: they are used from the next connection on, and after a
   * restart of the thread.
   */
  renew(pem: LinkPem): void;
  /**
   * The configuration has changed. `clients`: only the accounts at the embedded broker have.
   * Clients whose accounts are the same stay connected then. `anew`: the broker starts anew.
   */
  reload(settings: MqttSettings, what: 'same' | 'clients' | 'anew'): void;
  /** Says "disconnected" to the subscribers and ends the thread. Resolves within 2 s. */
  stop(): Promise<void>;
}
