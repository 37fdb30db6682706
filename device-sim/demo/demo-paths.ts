import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** One path of the demonstration site: its lines of `site.yaml` after id and driver. */
export interface DemoPath {
  readonly id: string;
  readonly driver: string;
  readonly lines: readonly string[];
  /** Its line in `keys.yaml`. */
  readonly secret?: string;
}

export interface DemoPaths {
  readonly paths: readonly DemoPath[];
  /** Lines of `site.yaml`. */
  readonly plan: readonly string[];
}

export const RECEIVER_PATH = 'central';
/** The kind of alert that goes over every path at once. */
const EVERYWHERE_KIND = 'medical';
/** Number of TCP ports that `everyPath` uses. */
export const PATH_PORTS = 6;

/** The monitoring centre alone. */
export function receiverOnly(port: number): DemoPaths {
  return { paths: [central(port)], plan: [] };
}

/** The monitoring centre, then a pager if the centre does not acknowledge in time. */
export function usualPaths(directory: string, port: number): DemoPaths {
  return { paths: [central(port), pager(directory)], plan: [] };
}

/**
 * One path of each driver.
 * @param ports `PATH_PORTS` free ports, the receiver's first
 */
export function everyPath(directory: string, ports: readonly number[]): DemoPaths {
  const [receiver = 0, backup = 0, cap = 0, webhook = 0, sip = 0, snpp = 0] = ports;
  const paths: DemoPath[] = [
    central(receiver),
    { id: 'backup', driver: 'dc09-udp', lines: [...at(backup), 'account: "1234"'], secret: freshSecret() },
    {
      id: 'radio',
      driver: 'radio',
      lines: [`tnc: { port: ${join(directory, 'radio')} }`, 'callsign: N0CALL-9', 'receiver: N0CALL-1'],
    },
    {
      id: 'cap',
      driver: 'cap',
      lines: [`url: http://127.0.0.1:${cap}/inbox`, 'sender: gw-1@northfield.example', 'auth: bearer'],
      secret: freshSecret(),
    },
    { id: 'webhook', driver: 'webhook', lines: [`url: http://127.0.0.1:${webhook}/alerts`], secret: freshSecret() },
    {
      id: 'sip',
      driver: 'sip',
      lines: [
        ...at(sip),
        'transport: tcp',
        'target: sip:alarms@centre.example',
        'from: sip:gw-1@northfield.example',
        'user: gw-1',
      ],
      secret: freshSecret(),
    },
    pager(directory),
    { id: 'snpp', driver: 'snpp', lines: [...at(snpp), 'pagers: [5551213]'] },
    { id: 'sms', driver: 'sms', lines: [`port: ${join(directory, 'sms')}`, 'recipients: ["+15551234567"]'] },
  ];
  const plan = [
    `- { kinds: [${EVERYWHERE_KIND}], start: [${paths.map(({ id }) => id).join(', ')}] }`,
    '- { kinds: [all], start: [central] }',
  ];
  return { paths, plan };
}

/** Drivers that wait for the first answer for `ANSWER_SECONDS` where the site says nothing. */
const QUICK_DRIVERS: ReadonlySet<string> = new Set(['dc09-tcp', 'dc09-udp', 'radio', 'cap', 'webhook', 'sip']);
const ANSWER_SECONDS = 4;
/** The longest that each of them may wait. */
const ANSWER_SECONDS_MAX = 20;

/**
 * The same paths, which wait for answers that many times as long. On an emulated machine the
 * gateway itself takes seconds to read an answer that is there.
 */
export function patient({ paths, plan }: DemoPaths, times: number): DemoPaths {
  const seconds = Math.min(ANSWER_SECONDS * times, ANSWER_SECONDS_MAX);
  const wait = (path: DemoPath): DemoPath =>
    QUICK_DRIVERS.has(path.driver) ? { ...path, lines: [...path.lines, `answerTimeoutSeconds: ${seconds}`] } : path;
  return { paths: times === 1 ? paths : paths.map(wait), plan };
}

function central(port: number): DemoPath {
  const lines = [...at(port), 'account: "1234"', 'encrypted: true', 'connections: 4'];
  return { id: RECEIVER_PATH, driver: 'dc09-tcp', lines, secret: freshSecret() };
}

function pager(directory: string): DemoPath {
  const lines = [`terminal: { port: ${join(directory, 'pager')} }`, 'pagers: [5551212]'];
  return { id: 'pager', driver: 'tap', lines };
}

function at(port: number): string[] {
  return ['host: 127.0.0.1', `port: ${port}`];
}

function freshSecret(): string {
  return randomBytes(32).toString('hex');
}
