import net from 'node:net';

/** A connection that is dialled again 100 ms after it was lost. Messages wait in memory meanwhile. */
export async function connectForEver(port) {
  let socket;
  let waiting = [];
  const dial = () =>
    new Promise((resolve) => {
      const next = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => {
        socket = next;
        for (const message of waiting) next.write(message);
        waiting = [];
        resolve();
      });
      next.on('data', () => undefined);
      next.on('error', () => undefined);
      next.on('close', () => {
        socket = undefined;
        setTimeout(dial, 100);
      });
    });
  await dial();
  return (message) => {
    if (socket === undefined) waiting.push(message);
    else socket.write(message);
  };
}
