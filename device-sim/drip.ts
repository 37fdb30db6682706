import type { Socket } from 'node:net';

/**
 * Begins an answer and never ends it: sends one more byte every `ms` for as long as the connection
 * lasts.
 */
export function drip(socket: Socket, begun: string, ms: number): void {
  if (socket.writable) socket.write(begun);
  const timer = setInterval(() => {
    if (socket.writable) socket.write('0');
  }, ms);
  socket.once('close', () => clearInterval(timer));
}
