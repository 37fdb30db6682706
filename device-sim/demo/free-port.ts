import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Outside the range from which the kernel takes ports for outgoing connections and for
 * `listen(0)` (32768 to 60999 on Linux): a port found there may be taken before it is used.
 */
const FIRST = 12_000;
const COUNT = 10_000;
/** A claim is a listener on an address of its own, so that it is in nobody's way. */
const CLAIMS = { host: '127.77.77.77', offset: COUNT };

let next = Math.floor(Math.random() * COUNT);

/**
 * Returns a port on which nothing listens, TCP or UDP, and which no other process that asks here
 * is given for as long as this one lives: the kernel ends its claim with it.
 * @param wanted returned if it is free
 */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (let tries = 0; tries < COUNT; tries += 1) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if ((await claimed(port)) && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

/** @param count of different ports */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  return (
    (await couldListen(createServer().listen(port, '127.0.0.1'))) &&
    (await couldListen(createSocket('udp4').bind(port, '127.0.0.1')))
  );
}

async function claimed(port: number): Promise<boolean> {
  const claim = createServer()
    .unref()
    .listen(port + CLAIMS.offset, CLAIMS.host);
  return once(claim, 'listening').then(
    () => true,
    () => false,
  );
}

/** Closes the probe again. */
async function couldListen(probe: Server | Socket): Promise<boolean> {
  try {
    await once(probe, 'listening');
  } catch {
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
