import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { InboxBehaviour } from '../../device-sim/https/behaviour.ts';
import { alarm, restore } from '../unit/cap/cap-reports.ts';
import { acknowledged, certificates, createStand, until } from './cap-rig.ts';

const stand = createStand();
const servers: (() => void)[] = [];
afterEach(async () => {
  await stand.close();
  for (const close of servers.splice(0)) close();
});

const failed = (reason: string) => ({ type: 'failed', reason });
const answered = (status: number): InboxBehaviour => ({ type: 'status', status });

/** Starts a server that runs `serve` on each connection. */
async function listening(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    serve(socket);
  });
  servers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('a server that misbehaves', () => {
  // Each row has the behaviour, the outcome, and how often the message is accepted. It is accepted
  // twice only if the answer was lost.
  const cases: readonly [InboxBehaviour, object, number][] = [
    [{ type: 'refuse' }, failed('unreachable'), 0],
    [{ type: 'closeUnread' }, failed('closed'), 0],
    [{ type: 'late', ms: 50 }, acknowledged, 1],
    [{ type: 'halfAnswerThenClose' }, failed('closed'), 1],
    [{ type: 'garbage' }, failed('protocolError'), 1],
    [{ type: 'endlessAnswer' }, acknowledged, 1],
    [{ type: 'closeAfterAnswer' }, acknowledged, 1],
    [answered(400), { type: 'notUnderstood' }, 0],
    [answered(413), { type: 'notUnderstood' }, 0],
    [answered(422), { type: 'notUnderstood' }, 0],
    [answered(401), failed('refused'), 0],
    [answered(403), failed('refused'), 0],
    [answered(404), failed('refused'), 0],
    [answered(405), failed('refused'), 0],
    [answered(408), failed('refused'), 0],
    [answered(429), failed('refused'), 0],
    [answered(500), failed('refused'), 0],
    [answered(503), failed('refused'), 0],
    [answered(202), { type: 'handedOver' }, 0],
    [answered(204), acknowledged, 0],
  ];

  for (const scheme of ['http', 'https'] as const) {
    test.each(cases)(
      `over ${scheme}, %j ends an attempt as it should; the next one works`,
      async (how, outcome, taken) => {
        const inbox = await stand.inbox(scheme === 'https' ? { tls: certificates.server } : {});
        const tls = { ca: certificates.authority };
        const rig = stand.cap({ url: `${scheme}://127.0.0.1:${inbox.port}/`, ...(scheme === 'https' && { tls }) });
        await until(inbox, 'a warm connection', () => inbox.connections === 1);
        await inbox.behave(how);
        expect(await rig.send(alarm)).toMatchObject(outcome);
        expect(inbox.displayed).toHaveLength(taken);
        await inbox.behave({ type: 'normal' });
        expect(await rig.send(alarm)).toEqual(acknowledged);
        expect(inbox.displayed).toHaveLength(1);
        expect(rig.outcomes.all).toHaveLength(2);
        expect(rig.outcomes.sentAttempts.filter((attempt) => attempt === 1).length).toBeLessThanOrEqual(1);
      },
    );
  }

  const silent: readonly InboxBehaviour[] = [
    { type: 'hang' },
    { type: 'halfAnswerThenSilence' },
    { type: 'drip', ms: 1 },
    { type: 'dripBody', ms: 1 },
    { type: 'late', ms: 60_000 },
  ];

  test.each(silent)(
    '%j gives no outcome; abandoned, it is told nothing more of, and the next attempt works',
    async (how) => {
      const inbox = await stand.inbox();
      const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
      await inbox.behave(how);
      let heard = false;
      inbox.on((notice) => {
        if (notice.type === 'posted' || notice.type === 'refused') heard = true;
      });
      const attempt = rig.begin(alarm);
      await until(inbox, 'the request to be read', () => heard);
      rig.driver.abandon(attempt);
      await inbox.behave({ type: 'normal' });
      expect(await rig.send(alarm)).toEqual(acknowledged);
      expect(rig.outcomes.of(attempt)).toBeUndefined();
      expect(inbox.displayed).toHaveLength(1);
    },
  );

  test('a redirect is not followed: nobody else is sent the alert', async () => {
    const elsewhere = await stand.inbox();
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
    const location = `http://127.0.0.1:${elsewhere.port}/`;
    for (const status of [301, 302, 307, 308]) {
      await inbox.behave({ type: 'status', status, location });
      for (const outcome of [await rig.send(alarm), await rig.poll()]) {
        expect(outcome).toMatchObject({ ...failed('refused'), detail: expect.stringContaining('elsewhere') });
      }
    }
    expect(elsewhere.posts).toEqual([]);
    expect(elsewhere.connections).toBe(0);
  });

  test('one that acknowledges and is gone has acknowledged', async () => {
    const inbox = await stand.inbox();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
    await inbox.behave({ type: 'vanishAfterAnswer' });
    expect(await rig.send(alarm)).toEqual(acknowledged);
    await until(inbox, 'its end', () => inbox.connections === 0);
    expect(await rig.send(restore)).toMatchObject({ type: 'failed' });
    await inbox.behave({ type: 'normal' });
    expect(await rig.send(restore)).toEqual(acknowledged);
  });

  test.each([
    ['says 100 Continue', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['says 103 Early Hints', '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'],
    ['sends headers', 'HTTP/1.1 200 OK\r\n', 'x-more: and more\r\n'],
    ['lengthens a chunk’s extension', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;', 'a=b;'],
    ['sends trailers', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n', 'x-more: and more\r\n'],
  ])(
    'one that %s for ever acknowledges nothing; the next attempt gets another connection',
    async (_how, begun, more) => {
      let isRude = true;
      let open = 0;
      const port = await listening((socket) => {
        open += 1;
        let timer: NodeJS.Timeout | undefined;
        socket.on('close', () => {
          open -= 1;
          clearInterval(timer);
        });
        socket.on('data', (chunk) => {
          if (!isRude) return void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
          if (!chunk.toString().startsWith('POST')) return;
          socket.write(begun);
          timer = setInterval(() => socket.write(more.repeat(20)), 1);
        });
      });
      const rig = stand.cap({ url: `http://127.0.0.1:${port}/` });
      const attempts = [1, 2, 3].map(() => rig.begin(alarm));
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const attempt of attempts) rig.driver.abandon(attempt);
      isRude = false;
      expect(await rig.send(alarm)).toEqual(acknowledged);
      expect(
        attempts.flatMap((attempt) => rig.outcomes.of(attempt) ?? []).filter(({ type }) => type !== 'failed'),
      ).toEqual([]);
      await vi.waitFor(() => expect(open).toBeLessThanOrEqual(4));
    },
  );

  test.each<[string, (socket: Socket, answer: () => void) => void]>([
    ['after the first byte of a request', (socket) => void socket.end()],
    ['by a reset in place of an answer', (socket) => void socket.resetAndDestroy()],
    [
      'with its answer, having promised to keep it open',
      (socket, answer) => {
        answer();
        socket.end();
      },
    ],
  ])('a connection that closes %s costs an attempt at most, and no alarm is told wrongly', async (_when, close) => {
    let requests = 0;
    const port = await listening((socket) => {
      socket.on('data', (chunk) => {
        if (!chunk.toString().startsWith('POST')) return;
        requests += 1;
        const answer = () => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        // Every second connection's first request, and all later requests on a connection.
        if (requests % 2 === 1) close(socket, answer);
        else answer();
      });
    });
    const rig = stand.cap({ url: `http://127.0.0.1:${port}/` });
    for (let alarms = 0; alarms < 10; alarms++) {
      const outcome = await rig.send(alarm);
      const next = outcome.type === 'failed' ? await rig.send(alarm) : outcome;
      expect(next).toEqual(acknowledged);
    }
    expect(requests).toBeLessThanOrEqual(30);
  });

  test('an answer nobody asked for answers nothing', async () => {
    const lie = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';
    let lied: (() => void) | undefined;
    const lying = new Promise<void>((resolve) => {
      lied = resolve;
    });
    const port = await listening((socket) => {
      if (lied !== undefined) socket.write(lie, lied);
      lied = undefined;
      socket.on('data', () => socket.end('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'));
    });
    const rig = stand.cap({ url: `http://127.0.0.1:${port}/` });
    await lying;
    // Bytes written over loopback are read in the event loop's next turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(await rig.send(alarm)).toMatchObject(failed('refused'));
  });
});

describe('a poll', () => {
  test.each([200, 204])('answered with %i proves the server', async (status) => {
    const inbox = await stand.inbox();
    await inbox.behave(answered(status));
    expect(await stand.cap({ url: `http://127.0.0.1:${inbox.port}/` }).poll()).toEqual(acknowledged);
  });

  test('of a server that is not there fails', async () => {
    const inbox = await stand.inbox();
    await inbox.close();
    const rig = stand.cap({ url: `http://127.0.0.1:${inbox.port}/` });
    expect(await rig.poll()).toMatchObject(failed('unreachable'));
  });
});

test('a server that takes connections and no TLS handshake is unreachable after the time-out', async () => {
  const port = await listening(() => undefined);
  const rig = stand.cap({ url: `https://127.0.0.1:${port}/`, connectTimeoutMs: 80 });
  expect(await rig.send(alarm)).toMatchObject(failed('unreachable'));
  expect(rig.outcomes.sentAttempts).toEqual([]);
});

test('an address that does not work is left for the next one', async () => {
  const inbox = await stand.inbox();
  // Nothing listens at 127.0.0.2.
  const lookup = async () => ['127.0.0.2', '127.0.0.1'];
  const rig = stand.cap({ url: `http://alerts.localhost:${inbox.port}/` }, {}, { lookup });
  await until(inbox, 'a connection to the second address', () => inbox.connections === 1);
  expect(await rig.send(alarm)).toEqual(acknowledged);
});
