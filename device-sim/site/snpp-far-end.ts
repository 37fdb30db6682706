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

const shape = z.object({
  host: z.string().optional(),
  port: z.number().default(444),
  tls: z.looseObject({}).optional(),
  user: z.string().optional(),
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

/** A paging server. @throws Unplayable, ZodError, Error of `node:net` */
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
