import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewayCommand } from '../../protocol/gateway-command.ts';
import type { MqttMessage } from '../../protocol/mqtt-topics.ts';
import type { LinkPem, Validity } from '../system/certificates.ts';
import type { MqttClient } from './settings.ts';
import type { MqttNotice, Strain } from './thread-messages.ts';

/** The broker as the MQTT thread sees it: the embedded one or an external one. */
export interface Broker {
  /**
   * `done` is called once: `true` when the broker has the message, `false` if it refused. Order is
   * kept.
   *
   * @param untilMs of a momentary message: monotonic ms after which it must not be sent
   */
  publish(message: MqttMessage, done: (accepted: boolean) => void, untilMs?: MonoMs): void;
  /** Certificates were renewed on disk: from the next connection on these are used. */
  renew(pem: LinkPem): void;
  /**
   * The accounts have changed: clients of accounts that have not stay connected. Absent: another
   * program has the accounts.
   */
  setClients?(clients: readonly MqttClient[]): void;
  /** The alert's newest document that was published. Absent: it can't be read back. */
  alertText?(id: string): string | undefined;
  /** Publishes `farewell`, then closes. Resolves within 1.5 s. */
  stop(farewell: MqttMessage): Promise<void>;
}

/** Receives what happens to a broker. */
export interface BrokerSink {
  health(state: 'up' | 'down', detail: string): void;
  listening(port: number): void;
  notice(notice: MqttNotice): void;
  strain(strain: Strain, standing: boolean, detail: string): void;
  /**
   * Clients of this account are turned away, or no longer. `undefined`: clients that have not
   * logged in.
   */
  turnedAway(account: string | undefined, standing: boolean, detail: string): void;
  command(command: GatewayCommand): void;
  /** An external broker has shown its certificate. */
  peerCertificate(validity: Validity): void;
  /** The broker may have lost its retained messages. */
  resync(): void;
  /** Home Assistant has started and wants its configurations. */
  homeAssistantOnline(): void;
}

/** True for addresses that never leave this machine. Only these may be used without TLS. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Resolves with the promise, or after `ms`, whichever is first. */
export async function atMost(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
