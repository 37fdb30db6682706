import type { FailureReason } from '../core/report.ts';
import { unreachableDetail } from './local-address.ts';
import { faultCode, tlsFault } from './tls-fault.ts';

export interface Fault {
  readonly reason: FailureReason;
  /** What a person needs to know and do. */
  readonly detail: string;
}

/** Where a connection leads, and how far it had come. */
interface Connecting {
  readonly address: string;
  readonly localAddress?: string;
  /** Past its TLS handshake, if it has one. */
  readonly open: boolean;
}

/** What went wrong with a TCP or TLS connection, as text. */
export function connectionFault(error: NodeJS.ErrnoException, { address, localAddress, open }: Connecting): Fault {
  const code = faultCode(error);
  const fault = tlsFault(code);
  if (fault !== undefined) return { reason: 'refused', detail: `${address}: ${fault}` };
  if (open) return { reason: 'closed', detail: `the connection to ${address} broke (${code})` };
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET') {
    return { reason: 'unreachable', detail: `${address} refused the connection: is it on, and is the port right?` };
  }
  return { reason: 'unreachable', detail: unreachableDetail(address, localAddress, code) };
}
