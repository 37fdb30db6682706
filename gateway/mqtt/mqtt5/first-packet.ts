import type { Socket } from 'node:net';

const CONNECT = 0x10;
/** A CONNECT whose length takes more bytes is refused for its length, whatever it says. */
const LENGTH_BYTES_MAX = 3;
/** "MQTT", and "MQIsdp" of MQTT 3.1. */
const NAME_BYTES_MAX = 6;
/** The bit with which bridges mark the protocol level. */
const BRIDGE = 0x80;

/**
 * Returns the protocol level of a CONNECT, which is at the same place in all versions of MQTT.
 * `undefined`: more bytes are needed. 0: this is no CONNECT.
 */
function protocolLevel(bytes: Uint8Array): number | undefined {
  if (bytes.length > 0 && bytes[0] !== CONNECT) return 0;
  let at = 1;
  for (; at <= LENGTH_BYTES_MAX; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    if (byte < 0x80) break;
  }
  if (at > LENGTH_BYTES_MAX) return 0;
  const [high, low] = [bytes[at + 1], bytes[at + 2]];
  if (high === undefined || low === undefined) return undefined;
  if (high !== 0 || low > NAME_BYTES_MAX) return 0;
  const level = bytes[at + 3 + low];
  return level === undefined ? undefined : level & ~BRIDGE;
}

interface FirstPacketEvents {
  /** Whoever serves the connection finds its bytes unread. */
  readonly known: (level: number) => void;
  readonly late: () => void;
}

/** Waits for the bytes that say which MQTT a client speaks. */
export function awaitProtocolLevel(socket: Socket, waitMs: number, events: FirstPacketEvents): void {
  let bytes: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    stop();
    events.late();
  }, waitMs);
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('readable', read);
    socket.off('error', stop);
    socket.off('close', stop);
    // A fault that comes between this and the next owner's listener is followed by 'close'.
    socket.on('error', () => undefined);
  };
  const read = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const level = protocolLevel(bytes);
    if (level === undefined) return;
    stop();
    socket.unshift(bytes);
    events.known(level);
  };
  socket.on('readable', read);
  socket.on('error', stop);
  socket.on('close', stop);
}
