import type { Socket } from 'node:net';
import type { ByteDuplex } from '../byte-duplex.ts';

type Listener = (bytes: Uint8Array) => void;

/**
 * Two ends of a cable in memory. Bytes written to one end are heard at the other before the call
 * returns.
 */
export function duplexPair(): readonly [ByteDuplex, ByteDuplex] {
  const [left, right] = [new Set<Listener>(), new Set<Listener>()];
  return [end(left, right), end(right, left)];
}

function end(own: Set<Listener>, far: ReadonlySet<Listener>): ByteDuplex {
  return {
    write(bytes) {
      for (const listener of far) listener(bytes);
    },
    onData(listener) {
      own.add(listener);
      return () => own.delete(listener);
    },
  };
}

/** Makes a cable of a TCP connection. The connection's owner handles its errors. */
export function socketDuplex(socket: Socket): ByteDuplex {
  return {
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    onData(listener) {
      socket.on('data', listener);
      return () => socket.off('data', listener);
    },
  };
}
