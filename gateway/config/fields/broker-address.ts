import type { View } from '../read/view.ts';
import { addressKind, isBrokenAddress } from './address.ts';

/** The embedded broker's account for the gateway's own inputs. */
export const RESERVED_CLIENT = 'callpoint-inputs';

/** @param view the mapping that holds `broker` */
export function checkExternalBroker(view: View, broker: string): void {
  const host = broker.replace(/^mqtts?:\/\//, '').replace(/:\d+$/, '');
  if (isBrokenAddress(host))
    view.wrong('broker', `${host} is not an address`, 'write the name or address of the broker');
  else if (broker.startsWith('mqtt://') && addressKind(host) !== 'loopback') {
    view.wrong('broker', `what is said to ${host} could be read and forged on the way`, `write mqtts://${host}:8883`);
  }
  const port = Number(/:(\d+)$/.exec(broker)?.[1] ?? 1);
  if (port < 1 || port > 65_535) view.wrong('broker', `port ${port} does not exist`, 'write a port from 1 to 65535');
}

/** `host:port` or `[v6]:port`, as the schema accepts it. */
export function splitHostPort(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  return { host: listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(listen.slice(colon + 1)) };
}
