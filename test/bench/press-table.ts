import type { Quantiles } from '../rig/quantiles.ts';
import type { RunFigures } from './loads.ts';
import type { Round } from './rounds.ts';
import type { LoadFigures } from './stand.ts';

/** The contestants that the others are divided by. */
const FLOOR = 'C floor';
const USUAL = 'Node-RED';

const NAME_WIDTH = 13;

/** Prints the medians of the rounds, and ratios of the same round. */
export function pressTable(rounds: readonly Round[]): string {
  const contestants = [...new Set(rounds.map(({ contestant }) => contestant))];
  const loads = [...new Set(rounds.flatMap(({ figures }) => Object.keys(figures?.loads ?? {})))];
  const lines = [
    ...loads.flatMap((load) => ['', ...loadLines(rounds, load, contestants)]),
    '',
    ...startLines(rounds, contestants),
    ...otherLines(rounds, contestants),
    ...failedLines(rounds),
    '',
    backgroundLine(rounds),
  ];
  return lines.join('\n');
}

const LOAD_HEAD = [
  ''.padEnd(NAME_WIDTH),
  '    p50     p99   p99.9     max',
  '  accepted p50     p99',
  '  lost twice  late  CPU ms',
].join('');

function loadLines(rounds: readonly Round[], load: string, contestants: readonly string[]): string[] {
  const others = [FLOOR, USUAL].filter((name) => contestants.includes(name));
  const head = `${LOAD_HEAD}${others.map((name) => `  × ${name} p50     p99`).join('')}`;
  return [load, head, ...contestants.flatMap((name) => loadLine(rounds, load, name, others) ?? [])];
}

function loadLine(rounds: readonly Round[], load: string, name: string, others: readonly string[]): string | undefined {
  const of = (contestant: string) => figuresOf(rounds, contestant, ({ loads }) => loads[load]);
  const own = of(name);
  if (own.size === 0) return undefined;
  const all = [...own.values()];
  const ms = (pick: (q: Quantiles) => number) => median(all.map(({ firstByteMs }) => pick(firstByteMs)));
  const accepted = (pick: (q: Quantiles) => number) =>
    median(all.flatMap(({ acceptedMs }) => (acceptedMs === undefined ? [] : [pick(acceptedMs)])));
  const sum = (pick: (each: LoadFigures) => number) => all.reduce((total, each) => total + pick(each), 0);
  const acceptedMs = [accepted((q) => q.p50), accepted((q) => q.p99)];
  const ratios = others.flatMap((other): [number, number][] => {
    const width = `  × ${other} p50`.length;
    const [p50, p99] =
      name === other ? [Number.NaN, Number.NaN] : [ratio(own, of(other), 'p50'), ratio(own, of(other), 'p99')];
    return [
      [p50, width],
      [p99, 8],
    ];
  });
  const columns: [number, number, digits?: number][] = [
    [ms((q) => q.p50), 7],
    [ms((q) => q.p99), 8],
    [ms((q) => q.p999), 8],
    [ms((q) => q.max), 8],
    [acceptedMs[0] ?? Number.NaN, 14],
    [acceptedMs[1] ?? Number.NaN, 8],
    [sum(({ lost }) => lost), 6, 0],
    [sum(({ twice }) => twice), 6, 0],
    [sum(({ reordered }) => reordered), 6, 0],
    [median(all.map(({ cpuMsPerPress }) => cpuMsPerPress)), 8, 3],
    ...ratios,
  ];
  return `${name.padEnd(NAME_WIDTH)}${columns.map(([value, width, digits]) => cell(value, width, digits)).join('')}`;
}

function startLines(rounds: readonly Round[], contestants: readonly string[]): string[] {
  const head = '   ready ms  first press ms  MB ready  MB after presses  steady/s  × floor  × Node-RED';
  const started = contestants.filter((name) => figuresOf(rounds, name, ({ readyMs }) => readyMs).size > 0);
  if (started.length === 0) return [];
  return [`${''.padEnd(NAME_WIDTH)}${head}`, ...started.map((name) => startLine(rounds, name))];
}

function startLine(rounds: readonly Round[], name: string): string {
  const of = (pick: (figures: RunFigures) => number | undefined) => median([...figuresOf(rounds, name, pick).values()]);
  const rates = (contestant: string) => figuresOf(rounds, contestant, ({ steadyRate }) => steadyRate);
  const over = (other: string) => {
    const others = name === other ? new Map<number, number>() : rates(other);
    return median([...rates(name)].map(([round, rate]) => rate / (others.get(round) ?? Number.NaN)));
  };
  // Only a search has presses enough to show growth.
  const after = (pick: (figures: RunFigures) => number | undefined) =>
    of((figures) => (figures.steadyRate === undefined ? undefined : pick(figures)));
  const columns: [number, number, digits?: number][] = [
    [of(({ readyMs }) => readyMs), 11, 0],
    [of(({ firstPressMs }) => firstPressMs), 16],
    [of(({ residentReadyMb }) => residentReadyMb), 10, 0],
    [after(({ residentMb }) => residentMb), 10, 0],
    [after(({ pressesInAll }) => pressesInAll), 8, 0],
    [of(({ steadyRate }) => steadyRate), 10, 0],
    [over(FLOOR), 9],
    [over(USUAL), 12],
  ];
  return `${name.padEnd(NAME_WIDTH)}${columns.map(([value, width, digits]) => cell(value, width, digits)).join('')}`;
}

function otherLines(rounds: readonly Round[], contestants: readonly string[]): string[] {
  const names = [...new Set(rounds.flatMap(({ figures }) => Object.keys(figures?.others ?? {})))];
  const lines = names.flatMap((name) => {
    return rounds
      .map(({ load }) => load)
      .filter((load, index, all) => all.indexOf(load) === index)
      .flatMap((load) => {
        const ofLoad = rounds.filter((round) => round.load === load);
        const values = contestants.flatMap((contestant) => {
          const all = [...figuresOf(ofLoad, contestant, ({ others }) => others?.[name]).values()];
          return all.length === 0 ? [] : [`${contestant} ${text(median(all), 0)}`];
        });
        return values.length === 0 ? [] : [`${load}: ${name}: ${values.join(', ')}`];
      });
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function failedLines(rounds: readonly Round[]): string[] {
  return rounds.flatMap(({ round, load, contestant, failed }) =>
    failed === undefined ? [] : [`round ${round}, ${load}, ${contestant}: ${failed}`],
  );
}

function backgroundLine(rounds: readonly Round[]): string {
  const share = (pick: (round: Round) => number) => {
    const all = rounds.map(pick);
    return `${(100 * median(all)).toFixed(0)} % (at most ${(100 * Math.max(...all)).toFixed(0)} %)`;
  };
  const load = median(rounds.map(({ background }) => background.load)).toFixed(1);
  const others = share(({ background }) => background.others);
  return `of the machine, other programs had ${others}, the host took ${share(({ background }) => background.stolen)}; load ${load}`;
}

/** What a contestant gave in each round. */
function figuresOf<T>(
  rounds: readonly Round[],
  name: string,
  pick: (figures: RunFigures) => T | undefined,
): Map<number, T> {
  const found = new Map<number, T>();
  for (const { round, contestant, figures } of rounds) {
    const value = contestant === name && figures !== undefined ? pick(figures) : undefined;
    if (value !== undefined) found.set(round, value);
  }
  return found;
}

function ratio(
  own: ReadonlyMap<number, LoadFigures>,
  others: ReadonlyMap<number, LoadFigures>,
  quantile: 'p50' | 'p99',
): number {
  const ratios = [...own].flatMap(([round, { firstByteMs }]) => {
    const other = others.get(round);
    return other === undefined ? [] : [firstByteMs[quantile] / other.firstByteMs[quantile]];
  });
  return median(ratios);
}

function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function cell(value: number, width: number, digits?: number): string {
  return text(value, digits).padStart(width);
}

/** Two digits, or fewer for large numbers, so that a column stays as wide as its head. */
function text(value: number, digits = value < 100 ? 2 : value < 1000 ? 1 : 0): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}
