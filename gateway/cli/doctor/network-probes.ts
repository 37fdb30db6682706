import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { monoMs } from '../../system/clock.ts';
import { errorCode } from '../../system/error-code.ts';
import type { HostEndpoint } from './endpoints.ts';
import { type Finding, ok, type Probe, problem } from './finding.ts';

const CONNECT_MS = 4_000;
const NAME_MS = 3_500;

/** @throws Error with a code, as of getaddrinfo(3) */
type LookUp = (host: string) => Promise<{ readonly address: string }>;

/** Only connects, and sends nothing: no receiver shows a report. */
export function networkProbes(hosts: readonly HostEndpoint[], lookUp: LookUp = lookup): readonly Probe[] {
  return hosts.map((endpoint) => ({ subject: endpoint.of, look: () => hostFindings(endpoint, lookUp) }));
}

async function hostFindings({ host, port, localAddress }: HostEndpoint, lookUp: LookUp): Promise<Finding[]> {
  const named: Finding[] = [];
  let address = host;
  if (isIP(host.replace(/%.*$/, '')) === 0) {
    const beganMs = monoMs();
    try {
      ({ address } = await inTime(lookUp(host)));
    } catch (error) {
      const code = errorCode(error) ?? String(error);
      const remedy = 'See that a name server is set and reached (resolvectl status), or write the address.';
      return [problem(`${host} has no address (${code})`, remedy)];
    }
    named.push(ok(`${host} is ${address} (found in ${Math.round(monoMs() - beganMs)} ms)`));
  }
  if (port === undefined) return [...named, ok(`${host}: UDP; only a report or poll can prove the way`)];
  return [...named, await connection({ host: address, port, ...(localAddress === undefined ? {} : { localAddress }) })];
}

/** A name server that does not answer is asked for half a minute by the system. */
async function inTime<T>(asking: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error('late'), { code: `no answer in ${NAME_MS / 1000} s` });
    timer = setTimeout(reject, NAME_MS, error);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly localAddress?: string;
}

function connection(target: Target): Promise<Finding> {
  const name = target.host.includes(':') ? `[${target.host}]:${target.port}` : `${target.host}:${target.port}`;
  const beganMs = monoMs();
  return new Promise((resolve) => {
    const socket = connect(target);
    const finish = (finding: Finding) => {
      socket.destroy();
      resolve(finding);
    };
    socket.setTimeout(CONNECT_MS, () => finish(unreached(name, `no answer in ${CONNECT_MS / 1000} s`)));
    socket.once('connect', () => finish(ok(`${name} accepts connections (${Math.round(monoMs() - beganMs)} ms)`)));
    socket.once('error', (error: NodeJS.ErrnoException) => finish(unreached(name, error.code ?? error.message)));
  });
}

const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The machine answers, but nothing listens on this port: check port:, and the far end.',
  ENETUNREACH: 'This machine has no route there: check its network (ip route).',
  EHOSTUNREACH: 'No machine answers at this address: check host:, the cable and the router.',
  EADDRNOTAVAIL: 'localAddress is not an address of this machine: check it with ip address.',
};

function unreached(name: string, why: string): Finding {
  const remedy = REMEDIES[why] ?? 'Check the network, and firewalls on the way; then ask who runs the far end.';
  return problem(`${name} cannot be reached: ${why}`, remedy);
}
