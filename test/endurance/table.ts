import type { EnduranceResult } from './run.ts';
import type { Judged, Verdict } from './verdict.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  flat: 'flat',
  rises: 'RISES',
  beyond: 'BEYOND ITS BOUND',
  notJudged: '–',
};

export function hasFailed({ figures, presses, faults }: EnduranceResult, isWhole: boolean): boolean {
  const { lost, doubled, phantoms, notAcknowledged } = presses;
  if (figures.some(({ verdict }) => verdict === 'rises' || verdict === 'beyond')) return true;
  if (faults.length > 0 || doubled > 0 || phantoms > 0) return true;
  // Of a run that was broken off, some are still on their way.
  return isWhole && lost + notAcknowledged > 0;
}

/** For a person. */
export function tableOf(result: EnduranceResult): string {
  const { node, nodeFlags, seed, minutes, warmUpS, interrupted, figures, liveMb, presses, log, faults } = result;
  const broken = interrupted ? ', broken off' : '';
  const head = `Node ${node} ${nodeFlags.join(' ')}, compiled gateway, ${minutes.toFixed(1)} min${broken}, seed ${seed}
after a warm-up of ${(warmUpS / 60).toFixed(1)} min; start, middle, end: medians of the thirds; an hour: least squares over the second half

${''.padEnd(28)}${['start', 'middle', 'end', 'most', 'an hour', 'noise'].map((each) => each.padStart(9)).join('')}   limit`;
  const rows = figures.map(row);
  const lives = Object.entries(liveMb).map(([thread, { start, end }]) => {
    const name = `heap without garbage, ${thread}`.padEnd(37);
    return `${name}${cell(start ?? Number.NaN)}${''.padEnd(9)}${cell(end ?? Number.NaN)} MB`;
  });
  return `
${head}
${rows.join('\n')}
${lives.join('\n')}

${pressLines(presses)}
load: ${counts(result.load)}
weather: ${counts(result.weather)}
log: ${counts(log) || 'no warnings'}
${faults.map((fault) => `FAULT: ${fault}\n`).join('')}`;
}

function row({
  name,
  unit,
  start,
  middle,
  end,
  most,
  perHour,
  noise,
  limitPerHour,
  limitMost,
  verdict,
}: Judged): string {
  const label = `${name}${unit === '' ? '' : `, ${unit}`}`.padEnd(28);
  const limits = [
    ...(limitPerHour === undefined ? [] : [`+${limitPerHour} an hour`]),
    ...(limitMost === undefined ? [] : [`at most ${limitMost}`]),
  ];
  return `${label}${[start, middle, end, most, perHour, noise].map(cell).join('')}   ${limits.join(', ').padEnd(27)} ${WORDS[verdict]}`;
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
