import { hexToBytes } from '../../protocol/bytes.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { usageError } from '../errors.ts';
import type { ReceiverBehaviour } from '../receiver/behaviour.ts';
import { OWN_BEHAVIOURS } from '../receiver/own-behaviours.ts';
import { startReceiver } from '../receiver/receiver.ts';
import { isServed, obeyAtPaths, serveControl } from '../site/control.ts';
import { DC09_BEHAVIOURS } from '../site/dc09-far-end.ts';
import { startFarEnds } from '../site/far-ends.ts';
import { controlSocket, epochNow, readSite } from '../site/site-file.ts';
import { removeLeftovers } from '../site/temporary.ts';
import type { JsonFlag } from './arguments.ts';
import { describeNotice, noticeEvent } from './describe-notice.ts';
import { tellFarEnds } from './far-end-lines.ts';
import { type Say, sayer } from './output.ts';
import { type TlsOptions, tlsFiles } from './tls-options.ts';
import type { UntilStopped } from './until-stopped.ts';

export interface ReceiverCommandOptions extends JsonFlag, TlsOptions {
  readonly port?: number;
  readonly account: string;
  readonly key?: string;
  readonly site?: string;
  readonly path?: readonly string[];
  readonly behave?: string;
  readonly clockOff?: number;
}

/** Starts a DC-09 receiver if a port is given, else the far ends of a site's paths. */
export async function runReceiver(options: ReceiverCommandOptions, untilStopped: UntilStopped): Promise<void> {
  const { site, port, json = false } = options;
  const say = sayer(json);
  await removeLeftovers();
  if (port !== undefined) await receiveAt(port, options, say, untilStopped);
  else if (site === undefined)
    throw usageError('give --site FILE for all paths of a site, or --port N for one DC-09 receiver');
  else await receiveFor(site, options, say, untilStopped);
}

async function receiveAt(
  port: number,
  options: ReceiverCommandOptions,
  say: Say,
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
  const names = accounts.map((each) => each.account);
  say(`Receiver listens on 127.0.0.1:${receiver.port}, TCP and UDP, for account ${names.join(', ')}`, {
    event: 'serving',
    port: receiver.port,
    accounts: names,
  });
  receiver.on((notice) => {
    const event = noticeEvent(notice);
    if (event !== undefined) say(describeNotice(notice), event);
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
  say: Say,
  untilStopped: UntilStopped,
): Promise<void> {
  if (await isServed(controlSocket(file, 'paths'))) {
    throw usageError(`the paths of ${file} are served already: stop that simulator first`);
  }
  const ends = await startFarEnds(readSite(file, epochNow()), {
    ...tlsFiles(options),
    ...(options.path === undefined ? {} : { paths: options.path }),
  });
  try {
    const behaves = tellFarEnds(file, ends, say);
    const control = await serveControl(controlSocket(file, 'paths'), obeyAtPaths(ends, behaves));
    untilStopped(() => {
      control.close();
      return ends.close();
    });
  } catch (error) {
    await ends.close();
    throw error;
  }
}

function portProblem(port: number, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause) || cause.code !== 'EADDRINUSE') return cause;
  return new CallpointError('PORT_TAKEN', `Port ${port} is used by another program: stop it, or give --port 0`, {
    cause,
  });
}
