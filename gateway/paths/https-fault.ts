import type { Fault } from './connection-fault.ts';
import { ProxyError } from './https-tunnel.ts';
import { tlsFault } from './tls-fault.ts';

/** How far the connection had come: being opened, open, open over TLS and nothing was answered on it yet, or answered on. */
export type Stage = 'opening' | 'open' | 'unprovenTls' | 'proven';

/**
 * What went wrong with a request, in words.
 *
 * @param where the server's `host:port`
 */
export function httpsFault(error: NodeJS.ErrnoException, where: string, stage: Stage): Fault {
  if (error instanceof ProxyError) return error.fault;
  const code = error.code ?? error.message;
  const fault = tlsFault(code);
  if (fault !== undefined) return { reason: 'refused', detail: `${where}: ${fault}` };
  if (code.startsWith('HPE_')) {
    return { reason: 'protocolError', detail: `${where} answered what is not HTTP (${code}): check url` };
  }
  if (stage !== 'opening') {
    // TLS 1.3: a server that does not like our certificate says so after the handshake, and its words may be lost in the reset.
    const doubt = stage === 'unprovenTls' ? '; does it ask for a certificate of ours, and know this one?' : '';
    return { reason: 'closed', detail: `${where} closed the connection before it answered (${code})${doubt}` };
  }
  if (code === 'ECONNREFUSED') return { reason: 'refused', detail: `${where} refused the connection` };
  if (code === 'ECONNRESET')
    return { reason: 'closed', detail: `${where} closed the connection during its opening: check url` };
  return { reason: 'unreachable', detail: `${where} can't be reached (${code})` };
}
