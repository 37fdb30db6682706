import { type Finding, ok, problem, unknown, warning } from './finding.ts';

export const UNIT = 'callpoint.service';

/** What is asked of systemd (systemctl(1) `show`, systemd.exec(5)). */
export const UNIT_PROPERTIES: readonly string[] = [
  'LoadState',
  'ActiveState',
  'UnitFileState',
  'NRestarts',
  'User',
  'Restart',
  'StartLimitIntervalUSec',
  'NoNewPrivileges',
  'ProtectSystem',
  'OOMScoreAdjust',
  'Type',
  'WatchdogUSec',
  'LimitRTPRIO',
  'LimitCORE',
  'MainPID',
];

const EDIT = 'systemctl edit callpoint';

/** @param output of `systemctl show` */
export function serviceVerdicts(output: string): readonly Finding[] {
  const of = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const [load, active, file] = [of('LoadState'), of('ActiveState'), of('UnitFileState')];
  if (load === '') return [unknown('systemd does not answer', `Run systemctl status ${UNIT}.`)];
  if (load !== 'loaded') {
    const remedy = 'Without a service the gateway does not start with the machine. Install callpoint.service.';
    return [warning(`there is no ${UNIT}`, remedy)];
  }
  return [state(active, file), ...restarts(of), ...supervision(of), ...hardening(of)];
}

/** A gateway that hangs must be noticed by someone else. */
function supervision(of: (name: string) => string): Finding[] {
  const type = of('Type');
  const watchdog = of('WatchdogUSec');
  const isWatched = !['', '0', 'infinity'].includes(watchdog);
  if (type.startsWith('notify') && isWatched) return [ok('systemd restarts the gateway if it hangs')];
  const missing = [...(type.startsWith('notify') ? [] : ['Type=notify']), ...(isWatched ? [] : ['WatchdogSec=12'])];
  const remedy = `Write ${missing.join(' and ')} under [Service]: ${EDIT}.`;
  return [problem('nobody notices a gateway that hangs', remedy)];
}

/** sched(7), as in field 41 of proc(5) stat. */
const SCHED_FIFO = 1;

/**
 * @param stat of the gateway's main thread, as in proc(5); `undefined`: no gateway runs
 * @param limit the unit's LimitRTPRIO
 */
export function priorityVerdict(stat: string | undefined, limit: string): readonly Finding[] {
  if (stat === undefined) return [];
  // Counted after the name in brackets, which may hold blanks: field 3 is the first.
  const policy = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[41 - 3];
  if (policy === undefined)
    return [unknown('not known which priority the alert path has', 'Run chrt -p of its process.')];
  if (Number(policy) === SCHED_FIFO) return [ok('the alert path runs in real time')];
  const why = ['', '0'].includes(limit) ? 'the unit lacks LimitRTPRIO=1' : 'the kernel refused real time';
  const remedy =
    limit === '0' || limit === ''
      ? `Write LimitRTPRIO=1 under [Service]: ${EDIT}.`
      : `Run journalctl -u ${UNIT} | grep priority.usual: it says why.`;
  return [warning(`on a busy machine the alert path waits for other programs: ${why}`, remedy)];
}

function state(active: string, file: string): Finding {
  if (active === 'failed') return problem(`${UNIT} failed`, `Run journalctl -u ${UNIT} -n 50.`);
  if (file !== 'enabled') return warning(`${UNIT} is ${active}, and ${file}`, `Run systemctl enable ${UNIT}.`);
  return ok(`${UNIT} is ${active}, and starts with the machine`);
}

/** More starts than this show that something is wrong. */
const RESTARTS_MAX = 3;

function restarts(of: (name: string) => string): Finding[] {
  const findings: Finding[] = [];
  const count = Number(of('NRestarts') || '0');
  if (count > RESTARTS_MAX) {
    const text = `systemd has started the gateway again ${count} times`;
    findings.push(warning(text, `Run journalctl -u ${UNIT} | grep -e defect -e error.`));
  }
  const restart = of('Restart');
  if (!['always', 'on-failure', ''].includes(restart)) {
    findings.push(problem(`the unit says Restart=${restart}`, `Write Restart=always under [Service]: ${EDIT}.`));
  }
  const limit = of('StartLimitIntervalUSec');
  if (!['0', ''].includes(limit)) {
    const text = `systemd gives up after several failed starts within ${limit}`;
    findings.push(warning(text, `Write StartLimitIntervalSec=0 under [Unit]: ${EDIT}.`));
  }
  return findings;
}

function hardening(of: (name: string) => string): Finding[] {
  const missing = [
    ...(['', 'root'].includes(of('User')) ? ['User=callpoint'] : []),
    ...(of('NoNewPrivileges') === 'yes' ? [] : ['NoNewPrivileges=yes']),
    ...(['strict', 'full'].includes(of('ProtectSystem')) ? [] : ['ProtectSystem=strict']),
    ...(Number(of('OOMScoreAdjust') || '0') < 0 ? [] : ['OOMScoreAdjust=-900']),
    // A core dump of the gateway would hold its keys.
    ...(of('LimitCORE') === '0' ? [] : ['LimitCORE=0']),
  ];
  if (missing.length === 0)
    return [ok('the unit is hardened: a user of its own, no new rights, a read-only system, no core dumps')];
  const text = `the unit lacks ${missing.join(', ')}`;
  return [
    warning(text, `Write ${missing.length === 1 ? 'it' : 'them'} under [Service] as in callpoint.service: ${EDIT}.`),
  ];
}
