import type { Fault } from './connection-fault.ts';
import { ProxyError } from './https-tunnel.ts';
import { faultCode, tlsFault } from './tls-fault.ts';

/**
 * How far the connection had come: being opened, open, open over TLS without an answer yet, or with
 * an answer before.
 */
export type Stage = 'opening' | 'open' | 'unprovenTls' | 'proven';

/**
 * What went wrong with a request, as text.
 *
 * @param where the server's `host:port`
 */
export function httpsFault(error: NodeJS.ErrnoException, where: string, stage: Stage): Fault {
  if (error instanceof ProxyError) return error.fault;
  const code = faultCode(error);
  const fault = tlsFault(code);
  if (fault !== undefined) return { reason: 'refused', detail: `${where}: ${fault}` };
  if (code.startsWith('HPE_')) {
    if (beginsHttp2(error)) {
      return { reason: 'protocolError', detail: `${where} speaks HTTP/2 only: ask its operator to allow HTTP/1.1` };
    }
    return { reason: 'protocolError', detail: `${where} answered what is not HTTP (${code}): check url` };
  }
  if (stage !== 'opening') {
    // TLS 1.3: a server that rejects our certificate says so after the handshake, and the reset may
    // destroy that message.
    const doubt = stage === 'unprovenTls' ? '; does it ask for a certificate of ours, and know this one?' : '';
    return { reason: 'closed', detail: `${where} closed the connection before it answered (${code})${doubt}` };
  }
  if (code === 'ECONNREFUSED')
    return { reason: 'unreachable', detail: `${where} refused the connection: is it on, and is the port right?` };
  if (code === 'ECONNRESET')
    return { reason: 'closed', detail: `${where} closed the connection during its opening: check url` };
  return { reason: 'unreachable', detail: `${where} can't be reached (${code})` };
}

/**
 * An HTTP/2 server begins with a SETTINGS frame (RFC 9113 §3.4, §6.5): type 4, on stream 0. Node
 * keeps the bytes it could not parse.
 */
function beginsHttp2(error: Error & { readonly rawPacket?: unknown }): boolean {
  const { rawPacket: bytes } = error;
  return bytes instanceof Uint8Array && bytes.length >= 9 && bytes[0] === 0 && bytes[3] === 4 && bytes[5] === 0;
}
