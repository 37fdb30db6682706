import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { TlsSettings } from '../../gateway/paths/tls-settings.ts';
import { asciiToBytes } from '../../protocol/bytes.ts';
import { type Attack, Battle, pour, quiet, repeated } from './hostile-rig.ts';
import { attemptOf, pollOf, SUBJECTS, type Subject } from './hostile-subjects.ts';

interface Hostility {
  readonly name: string;
  attack(subject: Subject): Attack;
  /** By default, nothing from the far end may count as an acknowledgement. */
  readonly acknowledges?: boolean;
}

/** More than any driver accepts as one answer. */
const A_LOT = 160 * 1024;
const LETTERS = repeated(asciiToBytes('A'));

const onData =
  (react: (chunk: Buffer, ...peer: Parameters<Attack>) => void): Attack =>
  (peer) =>
    void peer.socket.on('data', (chunk) => react(chunk, peer));

/** Returns the same bytes in each run. */
function garbage(): Uint8Array {
  let state = 0x1234_5678;
  return Uint8Array.from({ length: 65_536 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

const HOSTILITIES: readonly Hostility[] = [
  {
    name: 'garbage, asked and unasked',
    attack: () => (peer) => {
      peer.socket.write(garbage());
      peer.socket.on('data', () => peer.socket.write(garbage()));
    },
  },
  {
    name: 'a line that never ends',
    attack: ({ endless }) =>
      onData((_, { socket }) => {
        socket.write(asciiToBytes(endless));
        void pour(socket, LETTERS, A_LOT);
      }),
  },
  {
    name: 'a flood of what nobody asked for',
    attack:
      ({ unasked }) =>
      ({ socket }) => {
        socket.resume();
        void pour(socket, repeated(unasked), A_LOT);
      },
  },
  { name: 'no answer', attack: () => onData(() => undefined) },
  {
    name: 'no reading',
    attack:
      () =>
      ({ socket }) =>
        void socket.pause(),
  },
  {
    name: 'half an answer',
    attack: () =>
      onData((chunk, { socket, answers }) => {
        for (const answer of answers(chunk)) socket.write(answer.subarray(0, answer.length >> 1));
      }),
  },
  {
    name: 'half an answer and the end',
    attack: () =>
      onData((chunk, { socket, answers }) => {
        for (const answer of answers(chunk)) socket.end(answer.subarray(0, answer.length >> 1));
      }),
  },
  {
    name: 'the end at once',
    attack:
      () =>
      ({ socket }) =>
        void socket.end(),
  },
  {
    name: 'a reset at once',
    attack:
      () =>
      ({ socket }) =>
        void socket.resetAndDestroy(),
  },
  { name: 'a reset in place of an answer', attack: () => onData((_, { socket }) => void socket.resetAndDestroy()) },
  {
    name: 'the answer of another protocol',
    attack: ({ name }) => {
      const isHttp = name === 'cap';
      const answer = isHttp ? 'SIP/2.0 200 OK\r\n\r\n' : 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
      return onData((_, { socket }) => void socket.write(answer));
    },
  },
  { name: 'an echo', attack: () => onData((chunk, { socket }) => void socket.write(chunk)) },
  {
    name: 'every answer twice',
    acknowledges: true,
    attack: () =>
      onData((chunk, { socket, answers }) => {
        for (const answer of answers(chunk)) socket.write(Buffer.concat([answer, answer]));
      }),
  },
  {
    name: 'an answer and a flood behind it',
    acknowledges: true,
    attack: ({ unasked }) =>
      onData((chunk, { socket, answers }) => {
        for (const answer of answers(chunk)) socket.write(answer);
        void pour(socket, repeated(unasked), A_LOT);
      }),
  },
  {
    name: 'answers in single bytes',
    acknowledges: true,
    attack: () =>
      onData((chunk, { socket, answers }) => {
        const left = [...Buffer.concat([...answers(chunk)])];
        const next = (): void => {
          const byte = left.shift();
          if (byte === undefined || socket.destroyed) return;
          socket.write(Uint8Array.of(byte));
          setImmediate(next);
        };
        next();
      }),
  },
];

async function endure(subject: Subject, { name, attack, acknowledges = false }: Hostility): Promise<void> {
  const battle = await Battle.begin(subject, attack(subject));
  const outcomes = await battle.fight(attemptOf(1));
  const ofPoll = await battle.fight(pollOf(2));
  await battle.end();
  expect(outcomes.length, name).toBeLessThan(2);
  expect(ofPoll.length, name).toBeLessThan(2);
  const proofs = battle.outcomes.filter(([, { type }]) => type === 'receiverAcknowledged' || type === 'handedOver');
  if (!acknowledges) expect(proofs, name).toEqual([]);
  expect(JSON.stringify(battle.outcomes), name).not.toContain('secret');
}

describe.each(SUBJECTS)('$name', (subject) => {
  // They run all at once, because they mostly wait.
  test('says nothing wrong and throws nothing, whatever the far end does', async () => {
    await Promise.all(HOSTILITIES.map((hostility) => endure(subject, hostility)));
  });

  test('an answer to an attempt that was given up settles no other', async () => {
    const late: (() => void)[] = [];
    const battle = await Battle.begin(
      subject,
      onData((chunk, { socket, answers }) => {
        const given = Buffer.concat([...answers(chunk)]);
        if (late.length === 0) late.push(() => void socket.write(given));
      }),
    );
    battle.send(attemptOf(1));
    await battle.untilSent(1);
    await quiet();
    battle.abandon(1);
    battle.send(attemptOf(2));
    await quiet();
    for (const answer of late) answer();
    await quiet();
    await battle.end();
    expect(battle.outcomes.filter(([, { type }]) => type !== 'failed')).toEqual([]);
    expect(battle.outcomesOf(1)).toEqual([]);
  });

  test('an answer given again while nothing is under way settles nothing', async () => {
    let again: (() => void) | undefined;
    let isFirst = true;
    const battle = await Battle.begin(
      subject,
      onData((chunk, { socket, answers }) => {
        const given = Buffer.concat([...answers(chunk)]);
        if (isFirst) socket.write(given);
        again = () => void socket.write(given);
      }),
    );
    // Here nothing is wrong: the other cases do not fail for lack of a true answer.
    const [genuine] = await battle.fight(attemptOf(1), 5_000);
    expect(['receiverAcknowledged', 'handedOver']).toContain(genuine?.type);
    isFirst = false;
    again?.();
    await quiet();
    const outcomes = await battle.fight(attemptOf(2));
    await battle.end();
    expect(outcomes.filter(({ type }) => type !== 'failed')).toEqual([]);
  });

  test('stop in the middle', async () => {
    const before = process.getActiveResourcesInfo().length;
    const battle = await Battle.begin(
      subject,
      onData(() => undefined),
    );
    for (let attempt = 1; attempt <= 4; attempt++) battle.send(attemptOf(attempt));
    await battle.untilSent(1);
    await battle.end();
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
  });
});

describe.each(SUBJECTS.filter(({ overTls }) => overTls))('$name over TLS', (subject) => {
  const DAMAGED = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

  test.each<readonly [string, TlsSettings, Attack]>([
    ['a damaged certificate', { own: { certificate: DAMAGED, key: DAMAGED } }, ({ socket }) => void socket.resume()],
    ['a far end without TLS', {}, ({ socket }) => void socket.write('220 hello\r\n'.repeat(9))],
  ])('%s fails the attempt and nothing else', async (_, tls, attack) => {
    const battle = await Battle.begin(subject, attack, tls);
    const outcomes = await battle.fight(attemptOf(1));
    await battle.end();
    expect(outcomes).toMatchObject([{ type: 'failed', reason: 'refused', detail: expect.stringMatching(/tls/i) }]);
  });
});

describe('memory', () => {
  const MOST_MEBIBYTES = 3;
  const POURED = 6 * 1024 * 1024;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / 1024 / 1024;
  };

  test.each(
    SUBJECTS.flatMap((subject) => [
      { subject, name: subject.name, what: 'a line without end', begun: subject.endless, unit: LETTERS },
      { subject, name: subject.name, what: 'unasked lines', begun: '', unit: repeated(subject.unasked) },
    ]),
  )('$name: $what is not kept', async ({ subject, begun, unit }) => {
    let poured: Promise<number> = Promise.resolve(0);
    const battle = await Battle.begin(
      subject,
      onData((_, { socket }) => {
        socket.removeAllListeners('data').resume();
        socket.write(asciiToBytes(begun));
        poured = pour(socket, unit, POURED);
      }),
    );
    const before = used();
    battle.send(attemptOf(1));
    await battle.untilSent(1).catch(() => undefined);
    await quiet();
    await poured;
    // Unreferenced memory may take some turns to be freed.
    for (let turn = 0; turn < 50 && used() - before > MOST_MEBIBYTES; turn++) await quiet();
    expect(used() - before).toBeLessThan(MOST_MEBIBYTES);
    battle.abandon(1);
    await battle.end();
  });
});
