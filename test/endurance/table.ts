import type { EnduranceResult } from './result.ts';
import type { Judged, Verdict } from './verdict.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  flat: 'flat',
  rises: 'RISES',
  beyond: 'BEYOND ITS BOUND',
  notJudged: '–',
};

export function hasFailed(result: EnduranceResult): boolean {
  return failuresOf(result).length > 0;
}

/** Returns the failures as text. */
function failuresOf({ figures, presses, faults, interrupted }: EnduranceResult): string[] {
  const { lost, doubled, phantoms, notAcknowledged } = presses;
  // In a run that was stopped early, some presses are still on their way.
  const missing = interrupted ? 0 : lost + notAcknowledged;
  return [
    ...figures.filter(({ verdict }) => verdict === 'rises').map(({ name }) => `${name} rises`),
    ...figures.filter(({ verdict }) => verdict === 'beyond').map(({ name }) => `${name} is beyond its bound`),
    ...(missing > 0 ? [`${missing} presses lost or not acknowledged`] : []),
    ...(doubled > 0 ? [`${doubled} displayed twice`] : []),
    ...(phantoms > 0 ? [`${phantoms} alerts that nobody pressed`] : []),
    ...(faults.length > 0 ? [`${faults.length} faults`] : []),
  ];
}

function lastLine(result: EnduranceResult): string {
  const failures = failuresOf(result);
  if (failures.length > 0) return `FAILED: ${failures.join('; ')}`;
  const judged = result.figures.filter(({ verdict }) => verdict === 'flat').length;
  return `well: ${judged} of ${result.figures.length} figures judged, all flat or within their bounds; every press accounted for${result.interrupted ? ', but for those on their way when it was broken off' : ''}`;
}

/** Returns the result as a table for a person. */
export function tableOf(result: EnduranceResult): string {
  const { node, nodeFlags, seed, minutes, warmUpS, interrupted, figures, presses, log, faults } = result;
  const broken = interrupted ? ', broken off' : '';
  const head = `Node ${node} ${nodeFlags.join(' ')}, compiled gateway, ${minutes.toFixed(1)} min${broken}, seed ${seed}
after a warm-up of ${(warmUpS / 60).toFixed(1)} min; start, middle, end: medians of the thirds
an hour: the median slope between any two samples; last: of the second half alone; chance: what the first may be by it
clean: when all garbage has just been collected, after the warm-up and several times in the second half

${''.padEnd(31)}${['start', 'middle', 'end', 'most', 'an hour', 'last', 'chance'].map((each) => each.padStart(9)).join('')}   limit`;
  const rows = figures.map(row);
  return `
${head}
${rows.join('\n')}

${pressLines(presses)}
load: ${counts(result.load)}
weather: ${counts(result.weather)}
log: ${counts(log) || 'no warnings'}
${faults.map((fault) => `FAULT: ${fault}\n`).join('')}${lastLine(result)}
`;
}

function row({
  name,
  unit,
  start,
  middle,
  end,
  most,
  perHour,
  lastPerHour,
  noisePerHour,
  limitPerHour,
  limitRise,
  limitMost,
  verdict,
}: Judged): string {
  const label = `${name}${unit === '' ? '' : `, ${unit}`}`.padEnd(31);
  const limits = [
    ...(limitPerHour === undefined ? [] : [`+${limitPerHour} an hour`]),
    ...(limitRise === undefined ? [] : [`+${limitRise} from start to end`]),
    ...(limitMost === undefined ? [] : [`at most ${limitMost}`]),
  ];
  return `${label}${[start, middle, end, most, perHour, lastPerHour, noisePerHour].map(cell).join('')}   ${limits.join(', ').padEnd(27)} ${WORDS[verdict]}`;
}

function pressLines({
  made,
  lost,
  notAcknowledged,
  doubled,
  phantoms,
  noRoom,
  ...times
}: EnduranceResult['presses']): string {
  const { firstByteMs: fair, stormFirstByteMs: storm } = times;
  return `${made} presses: lost ${lost}, not acknowledged ${notAcknowledged}, displayed twice at one receiver ${doubled}, alerts that nobody pressed ${phantoms}, no room at the node ${noRoom}
press to first byte at a receiver, ms: in fair weather p50 ${fair.p50} p99 ${fair.p99} max ${fair.max} (${fair.n}); storms of 100 in a second p50 ${storm.p50} p99 ${storm.p99} max ${storm.max} (${storm.n})`;
}

function counts(all: Readonly<Record<string, number>>): string {
  return Object.entries(all)
    .map(([what, times]) => `${what} ${times}`)
    .join(', ');
}

function cell(value: number): string {
  return (Number.isFinite(value) ? value.toFixed(2) : '–').padStart(9);
}
