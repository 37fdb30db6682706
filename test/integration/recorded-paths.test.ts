import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startInbox } from '../../device-sim/https/inbox.ts';
import { SnppServer } from '../../device-sim/paging/snpp-server.ts';
import { TapTerminal } from '../../device-sim/paging/tap-terminal.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { startSipReceiver } from '../../device-sim/sip/receiver.ts';
import { SmsModem } from '../../device-sim/sms/sms-modem.ts';
import type { PathSettings } from '../../gateway/config/settings.ts';
import { createDc09Driver } from '../../gateway/paths/dc09/driver.ts';
import type { PathSink } from '../../gateway/paths/path-driver.ts';
import { createSipDriver } from '../../gateway/paths/sip/driver.ts';
import { createSmsDriver } from '../../gateway/paths/sms/driver.ts';
import { SMS_TIMES } from '../../gateway/paths/sms/times.ts';
import { createSnppDriver } from '../../gateway/paths/snpp/driver.ts';
import { createTapDriver } from '../../gateway/paths/tap/driver.ts';
import { createWebhookDriver } from '../../gateway/paths/webhook/driver.ts';
import { tappedPath } from '../../gateway/recording/gateway-recording.ts';
import { Taps } from '../../gateway/recording/taps.ts';
import { wallMs } from '../../gateway/system/clock.ts';
import { readEntry } from '../../protocol/recording/read-entry.ts';
import type { RecordingEntry } from '../../protocol/recording/recording.ts';
import { settingsFor as dc09Settings } from './dc09-rig.ts';
import { baseReport, places, settingsFor as sipSettings } from './sip-rig.ts';
import { attemptOf, Cleanups, onTcp, PATIENT, PathRig, tapSettings } from './tap-rig.ts';

const cleanups = new Cleanups();
afterEach(() => cleanups.close());

const services = { nowWallMs: wallMs };

/** Sends one alarm over a path while it is recorded. Returns the recording. */
async function recorded(settings: PathSettings, make: (sink: PathSink) => ReturnType<typeof createTapDriver>) {
  const taps = new Taps();
  let file = '';
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const out = {
    write: (text: string) => {
      file += text;
      return true;
    },
  };
  const recording = taps.record(out, { forMs: 60_000, version: 'test', ended });
  if (typeof recording === 'string') throw new Error(recording);
  const rig = new PathRig((sink) => make(tappedPath(taps, settings, sink)));
  cleanups.add(() => rig.driver.stop());
  let attempt = 0;
  // A path whose connection opens in the background fails its first attempts.
  for (;;) {
    attempt += 1;
    const outcome = await rig.send(attemptOf(attempt, { path: settings.id, report: baseReport }));
    if (outcome.type === 'handedOver' || outcome.type === 'receiverAcknowledged') break;
    if (attempt > 2_000) throw new Error(JSON.stringify(outcome));
  }
  await rig.driver.stop();
  recording.stop('stopped');
  await end;
  const entries = file
    .trim()
    .split('\n')
    .map((line) => readEntry(line))
    .flatMap((read) => (read.ok ? [read.entry] : []));
  return { file, entries };
}

/** Everything that went one way, as one text. */
function wholeText(entries: readonly RecordingEntry[], direction: 'in' | 'out'): string {
  return entries
    .flatMap((entry) => (entry.type === 'frame' && entry.direction === direction ? [entry.bytes] : []))
    .map((bytes) => Buffer.from(bytes).toString('latin1'))
    .join('');
}

function withoutSecrets(file: string, ...secrets: string[]): void {
  for (const secret of secrets) {
    expect(file).not.toContain(secret);
    expect(file).not.toContain(Buffer.from(secret).toString('hex'));
    expect(file).not.toContain(Buffer.from(secret).toString('base64'));
  }
}

test('SNPP: every line of the dialogue is there, and the password is not', async () => {
  const login = { user: 'gateway', password: 'hush-hush' };
  const server = new SnppServer({ login });
  await server.listen(0);
  cleanups.add(() => server.close());
  const { port } = server;
  const settings = { driver: 'snpp', id: 'pagers', host: '127.0.0.1', port, login } as const;
  const whole = { ...settings, pagers: ['5551212'], characters: 80, connectTimeoutMs: 500 };
  const { file, entries } = await recorded(whole, (sink) => createSnppDriver(whole, sink));
  const out = wholeText(entries, 'out');
  expect(out).toContain('LOGI gateway *********\r\n');
  expect(out).toMatch(/PAGE 5551212\r\nMESS Intruder/);
  expect(wholeText(entries, 'in')).toMatch(/^220 .*\r\n250 /);
  expect(entries).toContainEqual(expect.objectContaining({ type: 'connection', state: 'open' }));
  withoutSecrets(file, login.password);
});

test('TAP: the log-on is there without its password, which the terminal echoes', async () => {
  const terminal = new TapTerminal({ password: 'S3CRET' });
  await terminal.listen(0);
  cleanups.add(() => terminal.close());
  const settings = tapSettings(onTcp(terminal.port), { password: 'S3CRET' });
  const { file, entries } = await recorded(settings, (sink) => createTapDriver(settings, sink, { times: PATIENT }));
  expect(wholeText(entries, 'out')).toContain('\u001bPG1******\r');
  withoutSecrets(file, 'S3CRET');
});

test('SMS: the PIN is masked in the command, and in the echo of a modem that still echoes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-sms-'));
  cleanups.add(() => rmSync(directory, { recursive: true, force: true }));
  const modem = new SmsModem();
  modem.behave({ type: 'wantsPin', pin: '8642' });
  const cable = openPseudoTerminal();
  cleanups.add(() => cable.close());
  cable.link(join(directory, 'modem'));
  modem.attach(cable);
  cleanups.add(() => modem.detach());
  const settings = {
    driver: 'sms',
    id: 'sms',
    port: join(directory, 'modem'),
    baudRate: 115_200,
    recipients: ['+15551234567'],
    init: ['AT+CGAUTH=1,2,"apn-user","apn-password"'],
    pin: '8642',
  } as const;
  const { file, entries } = await recorded(settings, (sink) => createSmsDriver(settings, sink, SMS_TIMES));
  expect(wholeText(entries, 'out')).toContain('AT+CPIN="****"\r');
  expect(wholeText(entries, 'out')).toContain('AT+CMGS="+15551234567"\r');
  expect(wholeText(entries, 'in')).toContain('ATE0V1');
  withoutSecrets(file, '8642', 'apn-password');
});

test('SIP: the message is there with its place and people, and no Digest credentials', async () => {
  const account = { user: 'gw-1', password: 'secret of gw-1' };
  const receiver = await startSipReceiver({ port: 0, account });
  cleanups.add(() => receiver.close());
  const settings = sipSettings(receiver.port, { account });
  const { file, entries } = await recorded(settings, (sink) => createSipDriver(settings, sink, services));
  const proofs = receiver.requests.flatMap(({ headers }) => headers.filter(({ name }) => /authorization/i.test(name)));
  expect(proofs.length).toBeGreaterThan(0);
  for (const { value } of proofs) withoutSecrets(file, value, /response="([^"]+)"/.exec(value)?.[1] ?? value);
  expect(wholeText(entries, 'out')).toMatch(/^MESSAGE sip:alarms@centre.example SIP\/2.0\r\n/);
  expect(wholeText(entries, 'out')).toContain('Authorization: [redacted]');
  expect(wholeText(entries, 'in')).toMatch(/^SIP\/2.0 407 .*SIP\/2.0 200 OK/s);
  withoutSecrets(file, account.password);
});

test('a webhook: the document and the answer are there, and neither secret, signature, token nor URL', async () => {
  const secret = 'correct horse battery staple';
  const inbox = await startInbox({ port: 0, secret });
  cleanups.add(() => inbox.close());
  const settings = {
    driver: 'webhook',
    id: 'desk',
    secret,
    places,
    secrets: ['bearer-of-secrets'],
    endpoint: {
      url: `http://127.0.0.1:${inbox.port}/hook/T0P-SECRET?key=also-secret`,
      connections: 1,
      connectTimeoutMs: 1_000,
      headers: { authorization: 'Bearer bearer-of-secrets', 'x-own': 'own-header-secret' },
    },
  } as const;
  const { file, entries } = await recorded(settings, (sink) => createWebhookDriver(settings, sink, services));
  const out = wholeText(entries, 'out');
  expect(out).toMatch(/^POST \/\[redacted\] HTTP\/1.1\r\n/);
  expect(out).toContain('callpoint-signature: [redacted]\r\n');
  expect(out).toContain('"kind":"intruder"');
  expect(wholeText(entries, 'in')).toMatch(/^HTTP\/1.1 2\d\d\r\n/);
  withoutSecrets(file, secret, 'bearer-of-secrets', 'own-header-secret', 'T0P-SECRET', 'also-secret', 'v1=');
});

test('DC-09 with a key: what is recorded is what is on the wire, and the key is not in it', async () => {
  const key = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  const receiver = await startReceiver({ port: 0, accounts: [{ account: '1234', key }] });
  cleanups.add(() => receiver.close());
  const settings = dc09Settings(receiver.port, { key });
  const { file, entries } = await recorded(settings, (sink) => createDc09Driver(settings, sink, services));
  expect(wholeText(entries, 'out')).toMatch(/^\n[0-9A-F]{8}"\*SIA-DCS"0007R0L0#1234\[[0-9A-F]+\r$/);
  expect(wholeText(entries, 'in')).toMatch(/"\*ACK"0007/);
  expect(file).not.toContain('Intruder');
  expect(file).not.toContain(key.toString('hex'));
});
