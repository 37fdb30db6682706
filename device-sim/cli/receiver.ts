import { readFileSync } from 'node:fs';
import { hexToBytes } from '../../protocol/bytes.ts';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { SIM_COMMAND } from '../command-name.ts';
import { usageError } from '../errors.ts';
import type { ReceiverBehaviour } from '../receiver/behaviour.ts';
import { OWN_BEHAVIOURS } from '../receiver/own-behaviours.ts';
import { startReceiver } from '../receiver/receiver.ts';
import { obeyAtPaths, serveControl } from '../site/control.ts';
import { DC09_BEHAVIOURS } from '../site/dc09-far-end.ts';
import type { FarEndMeans } from '../site/far-end.ts';
import { startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { describeNotice } from './describe-notice.ts';
import { tellShown } from './describe-shown.ts';

export interface ReceiverCommandOptions {
  readonly port?: number;
  readonly account: string;
  readonly key?: string;
  readonly site?: string;
  readonly path?: readonly string[];
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly behave?: string;
  readonly clockOff?: number;
}

type Print = (line: string) => void;
type UntilStopped = (stop: () => void | Promise<void>) => void;

/** Starts a DC-09 receiver if a port is given, else the far ends of a site's paths. */
export function runReceiver(options: ReceiverCommandOptions, out: Print, untilStopped: UntilStopped): Promise<void> {
  const { site, port } = options;
  if (port !== undefined) return receiveAt(port, options, out, untilStopped);
  if (site === undefined)
    throw usageError('give --site FILE for all paths of a site, or --port N for one DC-09 receiver');
  return receiveFor(site, options, out, untilStopped);
}

async function receiveAt(
  port: number,
  options: ReceiverCommandOptions,
  out: Print,
  untilStopped: UntilStopped,
): Promise<void> {
  const key = options.key === undefined ? undefined : hexToBytes(options.key);
  if (options.key !== undefined && ![16, 24, 32].includes(key?.length ?? 0)) {
    throw usageError('--key takes 32, 48 or 64 hex digits');
  }
  const one = { account: options.account, ...(key === undefined ? {} : { key }) };
  const accounts = options.site === undefined ? [one] : readSite(options.site, epochNow()).accounts;
  const behaviour = behaviourOf(options);
  const offMs = 1000 * (options.clockOff ?? 0);
  const nowWallMs = () => Date.now() + offMs;
  const receiver = await startReceiver({ port, accounts, nowWallMs, udp: true }).catch((cause: unknown) => {
    throw portProblem(port, cause);
  });
  const names = accounts.map((each) => each.account).join(', ');
  out(`Receiver listens on 127.0.0.1:${receiver.port}, TCP and UDP, for account ${names}`);
  receiver.on((notice) => {
    const line = describeNotice(notice);
    if (line !== undefined) out(line);
  });
  if (behaviour !== undefined) await receiver.behave(behaviour);
  untilStopped(() => receiver.close());
}

/** @throws CallpointError USAGE */
function behaviourOf({ behave }: ReceiverCommandOptions): ReceiverBehaviour | undefined {
  if (behave === undefined) return undefined;
  const all: Readonly<Record<string, ReceiverBehaviour>> = { ...DC09_BEHAVIOURS, ...OWN_BEHAVIOURS };
  if (Object.hasOwn(all, behave)) return all[behave];
  throw usageError(`--behave takes one of ${Object.keys(all).join(', ')}`);
}

async function receiveFor(
  file: string,
  options: ReceiverCommandOptions,
  out: Print,
  untilStopped: UntilStopped,
): Promise<void> {
  const site = readSite(file, epochNow());
  const ends = await startFarEnds(site, {
    ...tlsOf(options),
    ...(options.path === undefined ? {} : { paths: options.path }),
  });
  const width = Math.max(...site.paths.map(({ id }) => id.length));
  const tell = (path: string, line: string) => out(`${path.padEnd(width)}  ${line}`);
  for (const { path, what } of ends.all) tell(path, what);
  for (const { path, driver, why } of ends.unplayed) tell(path, `not simulated (${driver}): ${why}`);
  const [first] = ends.all;
  if (first === undefined) throw new CallpointError('CONFIG_INVALID', `${file}: no path can be simulated here`);
  const control = await serveControl(
    controlSocket(file, 'paths'),
    obeyAtPaths(ends, (path, how) => tell(path, `behaves: ${how}`)),
  );
  out(`Make one misbehave:  ${SIM_COMMAND} behave ${first.path} hang --site ${file}`);
  tellShown(ends.all, tell);
  untilStopped(() => {
    control.close();
    return ends.close();
  });
}

/** @throws CallpointError USAGE */
function tlsOf({ tlsCertificate, tlsKey }: ReceiverCommandOptions): FarEndMeans {
  if (tlsCertificate === undefined && tlsKey === undefined) return {};
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw usageError('--tls-certificate and --tls-key belong together');
  }
  return { tls: { certificate: pem(tlsCertificate), key: pem(tlsKey) } };
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} can't be read: ${messageOf(error)}`);
  }
}

function portProblem(port: number, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause) || cause.code !== 'EADDRINUSE') return cause;
  return new CallpointError('PORT_TAKEN', `Port ${port} is used by another program: stop it, or give --port 0`, {
    cause,
  });
}
