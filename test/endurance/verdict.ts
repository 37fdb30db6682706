import type { Figure } from './figures.ts';
import type { Sample } from './samples.ts';

/** `notJudged`: too little was seen, or nothing is asked of it. */
export type Verdict = 'flat' | 'rises' | 'beyond' | 'notJudged';

export interface Judged {
  readonly name: string;
  readonly unit: string;
  /** Medians of the thirds of what was seen after the warm-up. */
  readonly start: number;
  readonly middle: number;
  readonly end: number;
  readonly most: number;
  /** Least squares over the second half. */
  readonly perHour: number;
  /** What two medians may differ by without a reason. */
  readonly noise: number;
  readonly limitPerHour?: number;
  readonly limitMost?: number;
  readonly verdict: Verdict;
}

interface Point {
  readonly atH: number;
  readonly value: number;
}

/** A rise within less than this can't be told from what a start leaves behind. */
const LEAST_JUDGED_H = 10 / 60;
/** Samples that are nearer are likely to be high or low together. */
const ALIKE_H = 1 / 60;
/** Of a normal distribution: standard deviation over median absolute deviation, and error of a median over that of a mean. */
const MAD_TO_DEVIATION = 1.4826;
const MEDIAN_ERROR = 1.2533;
/** Standard errors. */
const SURE = 2;

/**
 * Rises: the last third is above the first by more than the limit and the noise, and it was still rising in the second half. What only
 * fills up to where it stays is not held against it.
 *
 * @param samples those after the warm-up
 */
export function judge(
  { name, unit, of, perHour: limitPerHour, most: limitMost }: Figure,
  samples: readonly Sample[],
): Judged {
  const points = samples.flatMap((sample): Point[] => {
    const value = of(sample);
    return value === undefined || !Number.isFinite(value) ? [] : [{ atH: sample.atS / 3600, value }];
  });
  const third = Math.max(1, Math.floor(points.length / 3));
  const parts = [points.slice(0, third), points.slice(third, -third), points.slice(-third)];
  const [start = Number.NaN, middle = Number.NaN, end = Number.NaN] = parts.map((part) => median(values(part)));
  const slope = slopeOf(points.slice(Math.floor(points.length / 2)));
  const noise = noiseOf(points, parts[0] ?? []);
  const most = Math.max(...values(points));
  const spanH = (points.at(-1)?.atH ?? 0) - (points[0]?.atH ?? 0);
  const limits = {
    ...(limitPerHour === undefined ? {} : { limitPerHour }),
    ...(limitMost === undefined ? {} : { limitMost }),
  };
  const verdict = (): Verdict => {
    if (points.length > 0 && limitMost !== undefined && most > limitMost) return 'beyond';
    if (limitPerHour === undefined) return limitMost === undefined || points.length === 0 ? 'notJudged' : 'flat';
    if (spanH < LEAST_JUDGED_H) return 'notJudged';
    // The middles of the first and the last third are two thirds apart.
    const rises = end - start > limitPerHour * spanH * (2 / 3) + noise && slope > limitPerHour;
    return rises ? 'rises' : 'flat';
  };
  return { name, unit, start, middle, end, most, perHour: slope, noise, ...limits, verdict: verdict() };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** An hour. */
function slopeOf(points: readonly Point[]): number {
  const meanH = mean(points.map(({ atH }) => atH));
  const meanValue = mean(values(points));
  const spread = points.reduce((sum, { atH }) => sum + (atH - meanH) ** 2, 0);
  return points.reduce((sum, { atH, value }) => sum + (atH - meanH) * (value - meanValue), 0) / spread;
}

/** Of the difference of two thirds' medians: from how the samples scatter around a straight line. */
function noiseOf(points: readonly Point[], part: readonly Point[]): number {
  const slope = slopeOf(points);
  const flattened = points.map(({ atH, value }) => value - slope * atH);
  const centre = median(flattened);
  const deviation = MAD_TO_DEVIATION * median(flattened.map((value) => Math.abs(value - centre)));
  const partH = (part.at(-1)?.atH ?? 0) - (part[0]?.atH ?? 0);
  const independent = Math.max(1, Math.min(part.length, partH / ALIKE_H));
  return SURE * Math.SQRT2 * MEDIAN_ERROR * (deviation / Math.sqrt(independent));
}

function values(points: readonly Point[]): number[] {
  return points.map(({ value }) => value);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}
