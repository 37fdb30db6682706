import type { Figure } from './figures.ts';

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
  /** What it rose an hour over all that was seen, and over the second half: the median of the slopes between any two samples. */
  readonly perHour: number;
  readonly lastPerHour: number;
  /** What `perHour` may be by chance. */
  readonly noisePerHour: number;
  readonly limitPerHour?: number;
  readonly limitRise?: number;
  readonly limitMost?: number;
  readonly verdict: Verdict;
}

interface Point {
  readonly atH: number;
  readonly value: number;
}

/** A rise within less than this can't be told from what a start leaves behind. */
const LEAST_JUDGED_H = 9.5 / 60;
/** Of fewer, chance can't be told. */
const LEAST_POINTS = 5;
/** Samples that are nearer are likely to be high or low together. */
const ALIKE_H = 1 / 60;
/** Of a normal distribution: its deviation over its median absolute deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** Share of its rise that one without an end still has in the second half, whatever chance does to it. */
const STILL_RISING = 1 / 3;
/** Standard errors. */
const SURE = 2;

/**
 * Rises: more an hour than its limit, chance left out, and in the second half still more than that and not much slower. What only fills
 * up to where it stays is not held against it.
 *
 * @param samples those after the warm-up
 * @param isDisturbed no rise and no bound is judged
 */
export function judge<S extends { readonly atS: number }>(
  { name, unit, of, perHour: limitPerHour, rise: limitRise, most: limitMost }: Figure<S>,
  samples: readonly S[],
  isDisturbed = false,
): Judged {
  const points = samples.flatMap((sample): Point[] => {
    const value = of(sample);
    return value === undefined || !Number.isFinite(value) ? [] : [{ atH: sample.atS / 3600, value }];
  });
  const third = Math.max(1, Math.floor(points.length / 3));
  const parts = [points.slice(0, third), points.slice(third, -third), points.slice(-third)];
  const [start = Number.NaN, middle = Number.NaN, end = Number.NaN] = parts.map((part) => median(values(part)));
  const perHour = slopeOf(points);
  const lastPerHour = slopeOf(points.slice(Math.floor(points.length / 2)));
  const noisePerHour = noiseOf(points, perHour);
  const most = Math.max(...values(points));
  const spanH = (points.at(-1)?.atH ?? 0) - (points[0]?.atH ?? 0);
  const limits = {
    ...(limitPerHour === undefined ? {} : { limitPerHour }),
    ...(limitRise === undefined ? {} : { limitRise }),
    ...(limitMost === undefined ? {} : { limitMost }),
  };
  const verdict = (): Verdict => {
    if (isDisturbed) return 'notJudged';
    if (points.length > 0 && limitMost !== undefined && most > limitMost) return 'beyond';
    if (limitPerHour === undefined && limitRise === undefined) {
      return limitMost === undefined || points.length === 0 ? 'notJudged' : 'flat';
    }
    if (spanH < LEAST_JUDGED_H || points.length < LEAST_POINTS) return 'notJudged';
    if (limitRise !== undefined && end - start > limitRise) return 'rises';
    if (limitPerHour === undefined) return 'flat';
    const goesOn = lastPerHour > Math.max(limitPerHour, perHour * STILL_RISING);
    return perHour - noisePerHour > limitPerHour && goesOn ? 'rises' : 'flat';
  };
  return { name, unit, start, middle, end, most, perHour, lastPerHour, noisePerHour, ...limits, verdict: verdict() };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** An hour; what a few samples say alone does not count (Theil and Sen). */
function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((one, place) =>
    points.slice(place + 1).map((other) => (other.value - one.value) / (other.atH - one.atH)),
  );
  return median(slopes);
}

/** Of a slope: from how the samples scatter around it. */
function noiseOf(points: readonly Point[], perHour: number): number {
  const levelled = points.map(({ atH, value }) => value - perHour * atH);
  const centre = median(levelled);
  const deviation = MAD_TO_DEVIATION * median(levelled.map((value) => Math.abs(value - centre)));
  const meanH = points.reduce((sum, { atH }) => sum + atH, 0) / points.length;
  const spreadH = Math.sqrt(points.reduce((sum, { atH }) => sum + (atH - meanH) ** 2, 0) / points.length);
  const spanH = (points.at(-1)?.atH ?? 0) - (points[0]?.atH ?? 0);
  const independent = Math.max(1, Math.min(points.length, spanH / ALIKE_H));
  return (SURE * deviation) / (spreadH * Math.sqrt(independent));
}

function values(points: readonly Point[]): number[] {
  return points.map(({ value }) => value);
}
