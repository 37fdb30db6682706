import { z } from 'zod';
import type { SipBehaviour } from '../sip/behaviour.ts';
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

const shape = z.object({
  host: z.string().optional(),
  port: z.number().optional(),
  transport: z.string().default('tls'),
  user: z.string().optional(),
});

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, SipBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang' },
  late: { type: 'delay', ms: LATE_MS },
  loseAnswers: { type: 'closeBeforeAnswering' },
  drip: { type: 'drip', ms: DRIP_MS },
};

/** A receiver of emergency messages. @throws Unplayable, ZodError, Error of `node:net` */
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
    } else if (notice.type === 'refused' && notice.status !== 407) screen.remark(`refused (${notice.status})`);
    else if (notice.type === 'connectionError') screen.remark(`connection: ${notice.detail}`);
  });
  return screen;
}
