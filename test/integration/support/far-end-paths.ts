import { join } from 'node:path';
import type { DemoPath } from '../../../device-sim/demo/demo-paths.ts';
import { freePort } from '../../../device-sim/demo/free-port.ts';

const SECRET = 'kG3vX0q8Yb2Rr5Tn7Uw9Za1C';
const POLLS = 'supervision: { mode: "null", intervalSeconds: 5, downAfter: 1, upAfter: 1 }';
const NO_POLLS = 'supervision: { mode: "off" }';
const DOWN_AT_ONCE = 'supervision: { mode: "null", intervalSeconds: 3600, downAfter: 1 }';
const at = (port: number) => ['host: 127.0.0.1', `port: ${port}`];

/** How the far end of a path behaves before the gateway starts, as `sim behave` says it. */
export const MANNERS = {
  'hook-403': 'failPolls',
  'hook-404': 'refuse404',
  sip: 'failPolls',
  sms: 'failPolls',
  'sms-513': 'cms513Once',
  'sms-305': 'cms305Twice',
  'sms-blanks': 'blanks',
  'sms-cfun': 'cfun4',
  page: 'page554Twice',
  mess: 'mess554Once',
  silent: 'silentToNull',
  radio: 'commandMode',
  tap: 'noId',
  http2: 'http2Only',
};

/** Paths that end at far ends with manners of their own. @param directory of their serial ports */
export async function paths(directory: string, sipPort: number): Promise<readonly DemoPath[]> {
  const hooks = [await hook('hook-403'), await hook('hook-404')];
  const overTls = [await hookOverTls('http2', [POLLS]), await hookOverTls('proxied', await behindProxy())];
  const sips = [sip('sip', await freePort(), POLLS), sip('sip-415', await freePort(), NO_POLLS)];
  const polled = ['sms', 'sms-blanks'].map((id) => modem(id, directory, POLLS));
  const modems = ['sms-513', 'sms-305', 'sms-cfun'].map((id) => modem(id, directory, NO_POLLS));
  const servers = [snpp('page', await freePort()), snpp('mess', await freePort())];
  const others = [cap(await freePort()), dc09(await freePort()), radio(directory), tap(directory)];
  return [...hooks, ...overTls, ...sips, sip('sip-403', sipPort, POLLS), ...polled, ...modems, ...servers, ...others];
}

async function hook(id: string): Promise<DemoPath> {
  const lines = [`url: "http://127.0.0.1:${await freePort()}/hook"`, POLLS];
  return { id, driver: 'webhook', lines, secret: SECRET };
}

async function hookOverTls(id: string, more: readonly string[]): Promise<DemoPath> {
  const lines = [`url: "https://127.0.0.1:${await freePort()}/hook"`, 'tls: { ca: ca.pem }', ...more];
  return { id, driver: 'webhook', lines, secret: SECRET };
}

async function behindProxy(): Promise<string[]> {
  const proxy = `proxy: { url: "http://127.0.0.1:${await freePort()}" }`;
  return ['headers: [{ name: X-Api-Key, value: k-12345 }]', proxy];
}

function sip(id: string, port: number, supervision: string): DemoPath {
  const names = ['target: "sip:alarms@centre.example"', 'from: "sip:gw-1@northfield.example"'];
  return { id, driver: 'sip', lines: [...at(port), 'transport: tcp', ...names, supervision] };
}

function modem(id: string, directory: string, supervision: string): DemoPath {
  return { id, driver: 'sms', lines: [`port: ${join(directory, id)}`, 'recipients: ["+15551234567"]', supervision] };
}

function snpp(id: string, port: number): DemoPath {
  return { id, driver: 'snpp', lines: [...at(port), 'pagers: ["17"]', NO_POLLS] };
}

function cap(port: number): DemoPath {
  return { id: 'cap', driver: 'cap', lines: [`url: "http://127.0.0.1:${port}/in"`, 'sender: gw-1', NO_POLLS] };
}

function dc09(port: number): DemoPath {
  const polls = POLLS.replace('"null"', 'auto');
  const lines = [...at(port), 'account: "7777"', 'encrypted: false', 'answerTimeoutSeconds: 0.3', polls];
  return { id: 'silent', driver: 'dc09-tcp', lines };
}

function radio(directory: string): DemoPath {
  const tnc = `tnc: { port: ${join(directory, 'radio')}, init: [KISS ON, RESTART] }`;
  const lines = [tnc, 'callsign: N0CALL-9', 'receiver: N0CALL-1', 'igates: [N0GATE-10]'];
  return { id: 'radio', driver: 'radio', lines };
}

function tap(directory: string): DemoPath {
  const terminal = `terminal: { port: ${join(directory, 'tap')}, framing: 7O1 }`;
  return { id: 'tap', driver: 'tap', lines: [terminal, 'pagers: ["17"]', 'idPrompt: false', DOWN_AT_ONCE] };
}
