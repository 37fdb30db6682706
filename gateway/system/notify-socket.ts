import { endianness } from 'node:os';
import { loadCalls } from './libc.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
/** unix(7): 108 bytes, of which a path needs one for its end. */
const ADDRESS_BYTES_MAX = 107;

/**
 * Gives the service manager one datagram, and never waits.
 * @throws SystemError `EAGAIN`: no room
 */
export type SendDatagram = (text: string) => void;

/**
 * The structure sockaddr_un of unix(7).
 *
 * @param name of the socket as in `NOTIFY_SOCKET` (sd_notify(3)): a path, or `@` and the name of an
 *   abstract socket
 * @returns `undefined`: it is neither
 */
export function unixAddress(name: string): Uint8Array | undefined {
  const isAbstract = name.startsWith('@');
  const bytes = Buffer.from(name);
  if ((!isAbstract && !name.startsWith('/')) || bytes.length < 2 || bytes.length > ADDRESS_BYTES_MAX) return undefined;
  const address = Buffer.alloc(2 + bytes.length + (isAbstract ? 0 : 1));
  if (endianness() === 'LE') address.writeUInt16LE(AF_UNIX);
  else address.writeUInt16BE(AF_UNIX);
  bytes.copy(address, 2);
  if (isAbstract) address[2] = 0;
  return address;
}

/**
 * Node can open no datagram socket of the local kind, so libc does.
 *
 * @throws Error if there is no libc that koffi knows, or no socket
 */
export async function openNotifySocket(name: string): Promise<SendDatagram> {
  const address = unixAddress(name);
  if (address === undefined) throw new Error(`not a path and not an abstract name: ${name}`);
  const { libc, failure } = await loadCalls();
  const socket = libc.func('int socket(int, int, int)');
  const sendto = libc.func('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)');
  const descriptor: number = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw failure();
  return (text) => {
    const bytes = Buffer.from(text);
    const sent = sendto(descriptor, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, address, address.length);
    if (Number(sent) < 0) throw failure();
  };
}
