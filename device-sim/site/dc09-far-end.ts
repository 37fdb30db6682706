import { z } from 'zod';
import { bytesToHex } from '../../protocol/bytes.ts';
import type { ReceiverBehaviour } from '../receiver/behaviour.ts';
import { OWN_BEHAVIOURS } from '../receiver/own-behaviours.ts';
import { type Receiver, startReceiver } from '../receiver/receiver.ts';
import type { ReceiverAccount } from '../receiver/verdict.ts';
import {
  DRIP_MS,
  type FarEnd,
  type FarEndBehaviour,
  type FarEndMeans,
  farEnd,
  LATE_MS,
  ownHost,
  tlsOf,
  Unplayable,
} from './far-end.ts';
import { Screen } from './screen.ts';
import { accountOf, type SimulatedPath } from './site-file.ts';
import { text } from './site-shape.ts';

const USUAL_PORT = 7700;
const shape = z.object({
  host: text.optional(),
  port: z.number().default(USUAL_PORT),
  tls: z.looseObject({}).optional(),
});

/** The behaviours of every far end, as a DC-09 receiver performs them. */
export const DC09_BEHAVIOURS: Readonly<Record<FarEndBehaviour, ReceiverBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang' },
  late: { type: 'delay', ms: LATE_MS },
  loseAnswers: { type: 'loseAnswers', times: Number.POSITIVE_INFINITY },
  drip: { type: 'drip', ms: DRIP_MS },
};

/** Two paths with the same text here end at one receiver. */
export function dc09Address({ written }: SimulatedPath): string {
  const { host, port } = shape.partial().catch({}).parse(written);
  return `${host === 'localhost' ? '127.0.0.1' : host} ${port ?? USUAL_PORT}`;
}

/** A path to a simulated DC-09 receiver. */
export interface Dc09Place {
  readonly path: SimulatedPath;
  readonly host: string;
  readonly port: number;
  readonly isUdp: boolean;
  readonly isTls: boolean;
  readonly account: ReceiverAccount;
}

/** @throws Unplayable, ZodError */
export function dc09Place(path: SimulatedPath): Dc09Place {
  const { host, port, tls } = shape.parse(path.written);
  const account = accountOf(path);
  if (account === undefined) throw new Unplayable('its account is missing');
  const isUdp = path.driver === 'dc09-udp';
  return { path, host: ownHost(host), port, isUdp, isTls: tls !== undefined && !isUdp, account };
}

/**
 * Starts one receiver for all paths that lead to this port. Paths of one account share its screen.
 * @throws Unplayable, Error of `node:net`
 */
export async function startDc09FarEnds(
  places: readonly [Dc09Place, ...Dc09Place[]],
  means: FarEndMeans,
): Promise<FarEnd[]> {
  const [{ host, port }] = places;
  const isTls = places.some((place) => place.isTls);
  checkKeys(places);
  const receiver = await startReceiver({
    ...{ host, port },
    accounts: places.map(({ account }) => account),
    udp: places.some(({ isUdp }) => isUdp),
    ...(isTls ? { tls: tlsOf(means) } : {}),
  });
  const screens = screensOf(receiver, places);
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= receiver.close();
    return closed;
  };
  return places.map(({ path, account, isUdp }) => {
    const transport = isUdp ? 'UDP' : isTls ? 'TLS' : 'TCP';
    return farEnd({
      path: path.id,
      driver: path.driver,
      what: `DC-09 receiver on ${transport} ${host}:${receiver.port}, account ${account.account}`,
      screen: screens.get(account.account) ?? new Screen(),
      behave: (how) => receiver.behave(DC09_BEHAVIOURS[how]),
      own: Object.fromEntries(Object.entries(OWN_BEHAVIOURS).map(([name, how]) => [name, () => receiver.behave(how)])),
      close,
    });
  });
}

/** @throws Unplayable if one account has two keys at one receiver */
function checkKeys(places: readonly Dc09Place[]): void {
  const keys = new Map<string, string>();
  for (const { account, key } of places.map((place) => place.account)) {
    const hex = bytesToHex(key ?? new Uint8Array());
    if ((keys.get(account) ?? hex) !== hex) throw new Unplayable(`account ${account} has two keys at one receiver`);
    keys.set(account, hex);
  }
}

/** Screens by account. */
function screensOf(receiver: Receiver, places: readonly Dc09Place[]): ReadonlyMap<string, Screen> {
  const screens = new Map(places.map(({ account }) => [account.account, new Screen()]));
  receiver.on((notice) => {
    if (notice.type === 'event') {
      const { account, sequence, code, zone, text = '', reportId, firstByteMs } = notice.event;
      const id = reportId === undefined ? {} : { id: reportId };
      const terms = `#${account} ${code} zone ${zone ?? '-'}`;
      const key = reportId ?? `${sequence} ${code} ${text}`;
      screens.get(account)?.take(key, { text, terms, ...id, firstMs: firstByteMs }, notice.isNew);
    } else if (notice.type === 'refused') {
      for (const screen of screens.values()) screen.remark(`refused (${notice.answer}): ${notice.why}`);
    } else if (notice.type === 'connectionError') {
      for (const screen of screens.values()) screen.remark(`connection: ${notice.detail}`);
    }
  });
  return screens;
}
