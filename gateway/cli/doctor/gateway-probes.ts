import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError } from '../../../protocol/errors.ts';
import { overallState, type StatusDocument } from '../../../protocol/status-document.ts';
import { askQuestion } from '../../control/ask-gateway.ts';
import { processOwner } from '../../journal/process-owner.ts';
import { type Finding, ok, type Probe, problem, unknown, warning } from './finding.ts';
import { contentOf, outputOf } from './machine-probes.ts';

const UNIT = 'callpoint.service';
const STATUS_MS = 5_000;

export function gatewayProbes(dataDirectory: string): readonly Probe[] {
  return [
    { subject: 'service', look: serviceFindings },
    { subject: 'gateway', look: () => gatewayFindings(dataDirectory) },
  ];
}

/** Process of the gateway on a data directory; `undefined`: none lives there. */
export async function gatewayProcess(dataDirectory: string): Promise<number | undefined> {
  const lock = (await contentOf(join(dataDirectory, 'gateway.lock'))) ?? '';
  const pid = /^pid (\d+) /.exec(lock)?.[1];
  return pid !== undefined && processOwner('doctor').isAlive(lock) ? Number(pid) : undefined;
}

async function serviceFindings(): Promise<Finding[]> {
  const output = await outputOf('systemctl', [
    'show',
    UNIT,
    '-p',
    'LoadState',
    '-p',
    'ActiveState',
    '-p',
    'UnitFileState',
  ]);
  if (output !== undefined) return [serviceVerdict(output)];
  // sd_booted(3). Without systemd, something else starts the gateway.
  return existsSync('/run/systemd/system') ? [serviceVerdict('')] : [];
}

/** @param output of `systemctl show` */
export function serviceVerdict(output: string): Finding {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const [load, active, file] = [of('LoadState'), of('ActiveState'), of('UnitFileState')];
  if (load === '') return unknown('systemd does not answer', `Run systemctl status ${UNIT}.`);
  if (load !== 'loaded') {
    return warning(`there is no ${UNIT}`, 'Without a service the gateway does not start with the machine.');
  }
  if (active === 'failed') return problem(`${UNIT} failed`, `Run journalctl -u ${UNIT} -n 50.`);
  if (file !== 'enabled') return warning(`${UNIT} is ${active}, and ${file}`, `Run systemctl enable ${UNIT}.`);
  return ok(`${UNIT} is ${active}, and starts with the machine`);
}

async function gatewayFindings(dataDirectory: string): Promise<Finding[]> {
  const pid = await gatewayProcess(dataDirectory);
  try {
    return [statusVerdict(await askQuestion(dataDirectory, 'status', STATUS_MS))];
  } catch (error) {
    if (!(error instanceof CallpointError)) throw error;
    if (pid === undefined) return [warning(`no gateway runs on ${dataDirectory}`, 'Start it with callpoint run.')];
    return [unknown(`a gateway runs (pid ${pid}), and tells no status`, error.message)];
  }
}

export function statusVerdict(status: StatusDocument): Finding {
  const { gateway, version, troubles } = status;
  const text = `${gateway} runs, version ${version}`;
  const state = overallState(status);
  if (state === 'ok') return ok(`${text}: all is well`);
  if (state === 'starting')
    return unknown(`${text}: it has not heard every input and device yet`, 'Wait, or press one.');
  const count = troubles.length === 1 ? 'a trouble stands' : `${troubles.length} troubles stand`;
  return problem(`${text}: ${troubles.length === 0 ? 'something is down' : count}`, 'Run callpoint status.');
}
