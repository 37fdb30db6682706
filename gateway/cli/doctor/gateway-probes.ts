import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError } from '../../../protocol/errors.ts';
import type { PathDocument } from '../../../protocol/mqtt-documents.ts';
import { overallState, type StatusDocument } from '../../../protocol/status-document.ts';
import { askQuestion } from '../../control/ask-gateway.ts';
import { processOwner } from '../../journal/process-owner.ts';
import { age } from '../terminal-text.ts';
import { type Finding, ok, type Probe, problem, unknown, warning } from './finding.ts';
import { contentOf, outputOf } from './machine-probes.ts';
import { priorityVerdict, serviceVerdicts, UNIT, UNIT_PROPERTIES } from './service-verdicts.ts';

const STATUS_MS = 5_000;

export function gatewayProbes(dataDirectory: string, run = outputOf, isBooted = hasSystemd): readonly Probe[] {
  return [
    { subject: 'service', look: () => serviceFindings(run, isBooted) },
    { subject: 'gateway', look: () => gatewayFindings(dataDirectory) },
  ];
}

/** Process of the gateway on a data directory; `undefined`: none lives there. */
export async function gatewayProcess(dataDirectory: string): Promise<number | undefined> {
  const lock = (await contentOf(join(dataDirectory, 'gateway.lock'))) ?? '';
  const pid = /^pid (\d+) /.exec(lock)?.[1];
  return pid !== undefined && processOwner('doctor').isAlive(lock) ? Number(pid) : undefined;
}

async function serviceFindings(run: typeof outputOf, isBooted: () => boolean): Promise<readonly Finding[]> {
  const output = await run('systemctl', ['show', UNIT, ...UNIT_PROPERTIES.flatMap((name) => ['-p', name])]);
  if (output !== undefined || isBooted()) return [...serviceVerdicts(output ?? ''), ...(await priority(output ?? ''))];
  const remedy = 'Make sure that something starts the gateway with the machine, and again when it ends.';
  return [unknown('systemd does not run here, as in a container', remedy)];
}

/** Of the running gateway, by what systemd knows of it. */
async function priority(shown: string): Promise<readonly Finding[]> {
  const shownOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(shown)?.[1] ?? '';
  const pid = Number(shownOf('MainPID'));
  return pid > 0 ? priorityVerdict(await contentOf(`/proc/${pid}/stat`), shownOf('LimitRTPRIO')) : [];
}

/** sd_booted(3). */
function hasSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

async function gatewayFindings(dataDirectory: string): Promise<readonly Finding[]> {
  const pid = await gatewayProcess(dataDirectory);
  try {
    const status = await askQuestion(dataDirectory, 'status', STATUS_MS);
    const verdicts = [statusVerdict(status), ...filesVerdicts(status)];
    return [...verdicts, ...status.paths.map((path) => pathVerdict(path, new Date(status.at)))];
  } catch (error) {
    if (!(error instanceof CallpointError)) throw error;
    if (pid === undefined) return [warning(`no gateway runs on ${dataDirectory}`, 'Start it with callpoint run.')];
    return [unknown(`a gateway runs (pid ${pid}), and tells no status`, error.message)];
  }
}

/** The gateway does not run on what its files say. */
export function filesVerdicts({ configuration_changed: changed }: StatusDocument): readonly Finding[] {
  if (changed === undefined) return [];
  const text = `${changed.files.join(' and ')} changed at ${changed.at}, and the gateway runs on what was there before`;
  return [warning(text, 'Run callpoint reload.')];
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

/** The end-to-end proof: only a far end's answer shows that a report would arrive. */
export function pathVerdict({ path, state, last_proven_at: proven, queued, detail }: PathDocument, now: Date): Finding {
  const waiting = queued > 0 ? `, ${queued} waiting` : '';
  const last = proven === null ? 'no answer since the start' : `last answer ${age(proven, now)} ago`;
  const text = `path ${path}: ${last}${waiting}${detail === '' ? '' : ` (${detail})`}`;
  if (state === 'down') return problem(text, 'Run callpoint troubles: it says what to do.');
  if (state === 'up' && proven !== null) return ok(text);
  return unknown(text, 'Run callpoint canary, or send a test from a drill, to prove it to the end.');
}
