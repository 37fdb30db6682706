import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import type { DemoPath } from '../../device-sim/demo/demo-paths.ts';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { seededRandom } from '../../device-sim/random.ts';
import { type MadePair, madePair } from './support/made-certificates.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/**
 * Several far ends misbehave at once, each in its own way, and change their ways while alarms are
 * open.
 */
const SECRET = 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C';
const SUPERVISED = 'supervision: { mode: "null", intervalSeconds: 5, downAfter: 1, upAfter: 1 }';
const PATHS = ['backup', 'hook', 'desk', 'sip'] as const;
type PathId = (typeof PATHS)[number];

/** All that take no alarm, or take it without saying so. */
const RUDE: Readonly<Record<PathId, readonly string[]>> = {
  backup: ['refuse', 'hang', 'nak', 'duh', 'bareNak', 'wrongAccount', 'loseAnswers', 'drip'],
  hook: ['refuse', 'hang', 'refuse404', 'refuse403', 'refuse503', 'relayed', 'loseAnswers', 'http2Only'],
  desk: ['refuse', 'hang', 'capError', 'refuse422', 'refuse500', 'loseAnswers', 'redirect302'],
  sip: ['refuse', 'hang', 'refuse403', 'refuse415', 'refuse600', 'refuseMessages', 'relayed', 'loseAnswers'],
};

const authority = madePair({ subject: 'authority' });

async function paths(): Promise<DemoPath[]> {
  const at = async () => ['host: 127.0.0.1', `port: ${await freePort()}`];
  const waits = ['answerTimeoutSeconds: 0.4', SUPERVISED];
  const names = ['target: "sip:alarms@centre.example"', 'from: "sip:gw-1@northfield.example"'];
  const tls = 'tls: { ca: ca.pem, certificate: own.pem, key: own.key }';
  return [
    {
      id: 'backup',
      driver: 'dc09-tcp',
      lines: [...(await at()), 'account: "5678"', 'encrypted: false', ...waits],
    },
    {
      ...{ id: 'hook', driver: 'webhook', secret: SECRET },
      lines: [`url: "https://127.0.0.1:${await freePort()}/hook"`, tls, ...waits],
    },
    {
      id: 'desk',
      driver: 'cap',
      lines: [`url: "http://127.0.0.1:${await freePort()}/in"`, 'sender: gw-1', ...waits],
    },
    { id: 'sip', driver: 'sip', lines: [...(await at()), 'transport: tcp', ...names, ...waits] },
  ];
}

function writePair(directory: string, { certificate, key }: MadePair): void {
  writeFileSync(join(directory, 'own.pem'), certificate);
  writeFileSync(join(directory, 'own.key'), key, { mode: 0o600 });
}

async function started(): Promise<WholeGateway> {
  const joins = PATHS.slice(1).map((path) => `{ path: ${path}, afterSeconds: 0.3 }`);
  const gateway = await WholeGateway.start({
    rooms: 24,
    path: `    answerTimeoutSeconds: 0.4
    ${SUPERVISED}`,
    paths: await paths(),
    plan: [
      `- { kinds: [backup], start: [backup], join: [${joins.join(', ')}] }`,
      '- { kinds: [all], start: [central] }',
    ],
    tls: madePair({ subject: 'receiver', issuer: authority }),
    more: 'deadlines: { nextPathSeconds: 0.3, notConfirmedSeconds: 2 }',
    gateway: { certificateCheckMs: 20 },
    prepare: ({ directory }) => {
      writeFileSync(join(directory, 'ca.pem'), authority.certificate);
      writePair(directory, madePair({ subject: 'gw-test', issuer: authority }));
    },
  });
  await gateway.ready();
  for (const path of PATHS) await gateway.mqtt.path(path, 'up');
  return gateway;
}

/** Rooms whose third button is that of the kind `backup`. */
const ROOMS = [101, 105, 109, 113, 117, 121];

test.concurrent.for([1, 2])(
  'no alarm is lost and none is shown twice at one desk, whatever each does next: seed %i',
  async (seed, { expect, onTestFinished }) => {
    const gateway = await started();
    onTestFinished(() => gateway.stop());
    const random = seededRandom(seed);
    const oneOf = (all: readonly string[]) => all[Math.floor(random() * all.length)] ?? 'normal';
    const ids: string[] = [];
    for (const [place, room] of ROOMS.entries()) {
      await Promise.all(PATHS.map((path) => gateway.ends.of(path).behave(oneOf(RUDE[path]))));
      const id = gateway.press(`wb-${room}`, 'backup');
      ids.push(id);
      // Every path has joined at once or in time, though none before it acknowledged.
      await gateway.mqtt.alert(id, ({ paths }) => Object.keys(paths).length === PATHS.length);
      // A renewal stops half-way; the power fails; somebody mends the files.
      if (place === 1)
        writeFileSync(join(gateway.site.directory, 'own.pem'), authority.certificate.slice(0, 100 * (seed - 1)));
      if (place === 3) await gateway.restart();
      if (place === 4) writePair(gateway.site.directory, madePair({ subject: 'gw-test', issuer: authority }));
    }
    const last = ids.at(-1) ?? '';
    await gateway.mqtt.alert(last, (alert) => alert.not_confirmed);
    // One recovers, another in each run: it alone gets all of them.
    const well = PATHS[seed % PATHS.length] ?? 'backup';
    await gateway.ends.of(well).behave('normal');
    for (const id of ids) expect(await gateway.mqtt.acknowledged(id)).toMatchObject({ not_confirmed: false });
    for (const path of PATHS) {
      for (const id of ids) {
        const shown = gateway.ends.of(path).displayed.filter((one) => one.id === id).length;
        expect([path, id, shown]).toEqual([path, id, expect.toBeOneOf([0, 1])]);
      }
    }
  },
);
