import { z } from 'zod';
import { markIn } from '../../protocol/paging/pager-text.ts';
import { type SnppBehaviour, SnppServer } from '../paging/snpp-server.ts';
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
  port: z.number().default(444),
  tls: z.looseObject({}).optional(),
  user: text.optional(),
  password: z.boolean().default(false),
});

const BEHAVIOURS: Readonly<Record<FarEndBehaviour, SnppBehaviour>> = {
  normal: { type: 'normal' },
  refuse: { type: 'refuse' },
  hang: { type: 'hang', at: 'greeting' },
  late: { type: 'slow', ms: LATE_MS },
  loseAnswers: { type: 'vanishAfterAccepting', times: Number.POSITIVE_INFINITY },
  drip: { type: 'drip', at: 'SEND', ms: DRIP_MS },
};

const TIMES = { Once: 1, Twice: 2, Always: Number.POSITIVE_INFINITY } as const;
const REFUSALS: Readonly<Record<number, string>> = {
  421: 'Gateway service unavailable',
  503: 'Error, already entered',
  550: 'Error, invalid pager ID',
  552: 'Maximum entries exceeded',
  554: 'Error, failed (database busy, try again)',
  780: 'Message delivery timed out',
};

const OWN: Readonly<Record<string, SnppBehaviour>> = {
  ...Object.fromEntries(
    (['PAGE', 'MESS', 'SEND'] as const).flatMap((at) =>
      Object.entries(REFUSALS).flatMap(([code, words]) =>
        Object.entries(TIMES).map(([name, times]) => [
          `${at.toLowerCase()}${code}${name}`,
          { type: 'answer', at, line: `${code} ${words}`, times } as const,
        ]),
      ),
    ),
  ),
  queued: { type: 'answer', at: 'SEND', line: '960 17 42 Queued' },
};

/**
 * A paging server.
 * @throws Unplayable, ZodError, Error of `node:net`
 */
export async function startSnppFarEnd(path: SimulatedPath, means: FarEndMeans): Promise<FarEnd> {
  const { port, tls, user, password, ...written } = shape.parse(path.written);
  const host = ownHost(written.host);
  const pem = tls === undefined ? undefined : tlsOf(means);
  const server = new SnppServer({
    ...(user === undefined ? {} : { login: { user, password: password ? secretText(path) : '' } }),
    ...(pem === undefined ? {} : { tls: { cert: pem.certificate, key: pem.key } }),
  });
  await server.listen(port, host);
  return farEnd({
    path: path.id,
    driver: path.driver,
    what: `SNPP server on ${pem === undefined ? 'TCP' : 'TLS'} ${host}:${port}`,
    screen: screenOf(server),
    behave: (how) => server.behave(BEHAVIOURS[how]),
    own: Object.fromEntries(Object.entries(OWN).map(([name, how]) => [name, () => server.behave(how)])),
    close: () => server.close(),
  });
}

function screenOf(server: SnppServer): Screen {
  const screen = new Screen();
  let beganMs: number | undefined;
  server.watchers.on(({ type, detail }) => {
    if (type === 'page') {
      const page = server.pages.at(-1);
      if (page === undefined) return;
      const mark = markIn(page.message);
      const id = mark === undefined ? {} : { id: String(mark) };
      const report = { text: page.message, to: page.pager, ...id, firstMs: beganMs ?? monotonicMs() };
      screen.take(`${page.pager} ${page.message}`, report);
      beganMs = undefined;
    } else if (type === 'error') screen.remark(`connection: ${detail}`);
    else if (type === 'disconnected') beganMs = undefined;
    else beganMs ??= monotonicMs();
  });
  return screen;
}
