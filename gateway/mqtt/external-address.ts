import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CallpointError } from '../../protocol/errors.ts';
import { isLoopback } from './broker.ts';

/**
 * @throws if the text holds no certificate. It is read once, here: in the library's own timer
 * nothing would catch the error.
 */
export function trustIn(ca: string): SecureContext {
  new X509Certificate(ca);
  return createSecureContext({ ca });
}

/** An error of the connection in words for a person. */
export function wordsOf(error: Error & { readonly code?: unknown }): string {
  const { code, message } = error;
  if (message === '') return String(code);
  // The network did not fail and the broker did not refuse: its bytes could not be read.
  const isUnreadable = code === undefined && !/timeout/i.test(message);
  return isUnreadable ? `what listens there does not speak MQTT (${message})` : message;
}

/** Why this broker is never used. `undefined`: it may be used. */
export function refuse(url: string): CallpointError | undefined {
  try {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'mqtts:' || (protocol === 'mqtt:' && isLoopback(hostname))) return undefined;
    return new CallpointError('BROKER_UNAVAILABLE', `${url}: a broker on another machine must be mqtts://, with TLS`);
  } catch (error) {
    return new CallpointError('BROKER_UNAVAILABLE', `${url} is not a URL`, { cause: error });
  }
}
