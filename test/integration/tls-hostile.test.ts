import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import tls, { type Server, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { PathDriver } from '../../gateway/paths/path-driver.ts';
import { attemptOf, SUBJECTS, type Subject } from './hostile-subjects.ts';
import { Waiting } from './support/waiting.ts';

const pem = (name: string) => readFileSync(new URL(`./fixtures/${name}.pem`, import.meta.url), 'utf8');
const proof = (name: string) => ({ cert: pem(`${name}.cert`), key: pem(`${name}.key`) });
const OVER_TLS = SUBJECTS.filter(({ overTls }) => overTls);
const delivered = /^(receiverAcknowledged|handedOver)$/;

// A Node server allows its clients this many. Here the server is the one that asks.
const limits: { CLIENT_RENEG_LIMIT: number } = tls;
const usualLimit = limits.CLIENT_RENEG_LIMIT;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  limits.CLIENT_RENEG_LIMIT = usualLimit;
  while (cleanups.length > 0) await cleanups.pop()?.();
});

/**
 * A far end over TLS that behaves well unless `how` says otherwise, and a driver that knows the
 * given authorities.
 */
class Encounter {
  readonly server: Server;
  readonly sockets = new Set<TLSSocket>();
  /** Bytes that the driver sent. */
  heard = 0;
  handshakes = 0;
  /** Called in place of writing the answers. */
  how: (socket: TLSSocket, answer: () => void) => void = (_socket, answer) => answer();
  readonly #waiting = new Waiting();
  readonly #outcomes = new Map<number, Outcome>();
  #driver: PathDriver | undefined;

  constructor(subject: Subject, shown: tls.TlsOptions) {
    this.server = tls.createServer(shown, (socket) => this.#connected(subject, socket));
    this.server.on('tlsClientError', () => undefined);
  }

  static async begin(subject: Subject, shown: tls.TlsOptions, ca: string): Promise<Encounter> {
    const encounter = new Encounter(subject, shown);
    await encounter.#begin(subject, ca);
    return encounter;
  }

  async #begin(subject: Subject, ca: string): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    cleanups.push(() => this.server.close());
    const { port } = this.server.address() as AddressInfo;
    const outcome = (_path: string, attempt: number, one: Outcome) => {
      this.#outcomes.set(attempt, one);
      this.#waiting.check();
    };
    const driver = subject.make(port, { sent: () => undefined, outcome }, { ca });
    this.#driver = driver;
    driver.start();
    cleanups.push(() => driver.stop());
  }

  async send(attempt: Attempt): Promise<Outcome> {
    this.#driver?.send(attempt);
    await this.#waiting.until('an outcome', () => this.#outcomes.has(attempt.attempt));
    return this.#outcomes.get(attempt.attempt) as Outcome;
  }

  #connected(subject: Subject, socket: TLSSocket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
    if (subject.greeting !== undefined) socket.write(subject.greeting);
    const answers = subject.answers();
    socket.on('data', (chunk: Buffer) => {
      this.heard += chunk.length;
      const given = [...answers(chunk)];
      if (given.length > 0) this.how(socket, () => given.map((answer) => socket.write(answer)));
    });
  }
}

describe.each(OVER_TLS)('$name over TLS', (subject) => {
  test.each([
    ['has expired', 'tls-expired', pem('tls-expired.cert'), /not valid now: it must be renewed, or the clock/],
    ['is not valid yet', 'tls-future', pem('tls-future.cert'), /not valid now.*clock of this machine is wrong/],
    ['is for another name', 'https-elsewhere', pem('https-ca'), /for another name: check the name.*tls: serverName/],
    ['is from a stranger', 'https-stranger', pem('https-ca'), /not from an authority we know.*tls: ca/],
  ])('a certificate that %s: it gets not a byte, and the words say what to do', async (_how, shown, ca, words) => {
    const far = await Encounter.begin(subject, proof(shown), ca);
    const outcome = await far.send(attemptOf(1));
    expect(outcome).toMatchObject({ type: 'failed', reason: 'refused', detail: expect.stringMatching(words) });
    expect(far.heard).toBe(0);
  });

  test('a far end whose certificate changes is proved anew: no session of the old one lets it in', async () => {
    const far = await Encounter.begin(subject, { ...proof('https-server'), maxVersion: 'TLSv1.2' }, pem('https-ca'));
    expect((await far.send(attemptOf(1))).type).toMatch(delivered);
    far.server.setSecureContext(proof('tls-expired'));
    for (const socket of far.sockets) socket.destroy();
    const heard = far.heard;
    // Attempts that were in progress when the old connections ended may report that end.
    await far.send(attemptOf(2));
    expect(await far.send(attemptOf(3))).toMatchObject({ type: 'failed', reason: 'refused' });
    expect(far.heard).toBe(heard);
    far.server.setSecureContext(proof('https-server'));
    expect((await far.send(attemptOf(4))).type).toMatch(delivered);
  });

  test('one more handshake in the middle changes nothing; one after another ends the connection, in words', async () => {
    limits.CLIENT_RENEG_LIMIT = Number.POSITIVE_INFINITY;
    const far = await Encounter.begin(subject, { ...proof('https-server'), maxVersion: 'TLSv1.2' }, pem('https-ca'));
    let isFirst = true;
    far.how = (socket, answer) => {
      if (!isFirst) return answer();
      isFirst = false;
      socket.renegotiate({}, () => answer());
    };
    expect((await far.send(attemptOf(1))).type).toMatch(delivered);
    far.how = (socket) => {
      const again = () =>
        socket.renegotiate({}, (error) => {
          far.handshakes += 1;
          if (error === null && !socket.destroyed) again();
        });
      again();
    };
    const outcome = await far.send(attemptOf(2));
    expect(outcome).toMatchObject({ type: 'failed', detail: expect.stringMatching(/one TLS handshake after another/) });
    expect(far.handshakes).toBeLessThan(10);
  });
});
