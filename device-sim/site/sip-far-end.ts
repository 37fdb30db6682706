import { z } from 'zod';
import type { SipBehaviour } from '../sip/behaviour.ts';
import type { ChallengeForm } from '../sip/gatekeeper.ts';
import { type SipReceiver, startSipReceiver } from '../sip/receiver.ts';
import {
  DRIP_MS,
  type FarEnd,
  type FarEndBehaviour,
  type FarEndMeans,
  farEnd,
  LATE_MS,
  ownHost,
  tlsOf,
} from './far-end.ts';
import { monotonicMs, Screen } from './screen.ts';
import { type SimulatedPath, secretText } from './site-file.ts';
import { text } from './site-shape.ts';

const shape = z.object({
  host: text.optional(),
  port: z.number().optional(),
  transport: text.default('tls'),
  user: text.optional(),
});

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, SipBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang' },
  late: { type: 'delay', ms: LATE_MS },
  loseAnswers: { type: 'closeBeforeAnswering' },
  drip: { type: 'drip', ms: DRIP_MS },
};

const STATUSES = [302, 403, 404, 405, 408, 415, 486, 500, 503, 600];
const FORMS: Readonly<Record<string, ChallengeForm>> = {
  proxyThenServer: { askers: ['proxy', 'server'] },
  oneTimeNonces: { nonces: 'once' },
  nextNonce: { nonces: 'next' },
  staleNonces: { nonces: 'never' },
  md5Sess: { algorithm: 'MD5-sess' },
  sha256Sess: { algorithm: 'SHA-256-sess' },
  sha512Sess: { algorithm: 'SHA-512-256-sess' },
  noQop: { qop: 'none' },
  unknownAlgorithm: { algorithm: 'SHA-384' },
  basic: { basic: true },
};

const OWN: Readonly<Record<string, SipBehaviour>> = {
  ...Object.fromEntries(STATUSES.map((status) => [`refuse${status}`, { type: 'refuseWith', status }])),
  retryAfter: { type: 'refuseWith', status: 503, headers: { 'Retry-After': '60' } },
  relayed: { type: 'relayed' },
  failPolls: { type: 'failPolls', poll: 503, first: 503 },
  refuseMessages: { type: 'refuseMessages', status: 403 },
  progress: { type: 'progressThenAnswer' },
  ...Object.fromEntries(Object.entries(FORMS).map(([name, form]) => [name, { type: 'challenge', form }])),
};

/**
 * A receiver of emergency messages.
 * @throws Unplayable, ZodError, Error of `node:net`
 */
export async function startSipFarEnd(path: SimulatedPath, means: FarEndMeans): Promise<FarEnd> {
  const { transport, user, ...written } = shape.parse(path.written);
  const host = ownHost(written.host);
  const isTls = transport === 'tls';
  const port = written.port ?? (isTls ? 5061 : 5060);
  const receiver = await startSipReceiver({
    ...{ host, port },
    ...(isTls ? { tls: tlsOf(means) } : {}),
    ...(user === undefined ? {} : { account: { user, password: secretText(path) } }),
  });
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `SIP receiver on ${isTls ? 'TLS' : 'TCP'} ${host}:${port}`,
    screen: screenOf(receiver),
    behave: (how) => receiver.behave(BEHAVIOURS[how]),
    own: Object.fromEntries(Object.entries(OWN).map(([name, how]) => [name, () => receiver.behave(how)])),
    close: () => receiver.close(),
  });
}

function screenOf(receiver: SipReceiver): Screen {
  const screen = new Screen();
  receiver.on((notice) => {
    if (notice.type === 'message') {
      const { identifier, headline, status, msgType } = notice.call;
      const report = { text: headline, id: identifier, terms: `${status} ${msgType}`, firstMs: monotonicMs() };
      screen.take(identifier, report, notice.isNew);
    } else if (notice.type === 'refused' && ![401, 407].includes(notice.status))
      screen.remark(`refused (${notice.status})`);
    else if (notice.type === 'connectionError') screen.remark(`connection: ${notice.detail}`);
  });
  return screen;
}
