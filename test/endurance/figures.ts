import type { CleanSample } from './clean-samples.ts';
import type { Sample } from './samples.ts';
import { RETAIN_MB } from './site.ts';

/** One line of the table: what is measured, and what counts as flat. */
export interface Figure<S> {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: S) => number | undefined;
  /** Largest rise per hour; absent if the rise is not judged. */
  readonly perHour?: number;
  /**
   * Largest rise from the first to the last third, whatever the duration, for figures that do not
   * add up.
   */
  readonly rise?: number;
  /** Largest value; absent if that is not judged. */
  readonly most?: number;
}

const MAIN = 'main';
const MQTT = 'mqtt-thread';
const JOURNAL = 'journal-thread';
/** One segment is being written, and one may be closed but not yet deleted. */
const SEGMENTS_MB = 2 * 8 + 1;

type Heaps = Pick<Sample, 'isolates'>;

const used = (thread: string) => (sample: Heaps) => sample.isolates[thread]?.heap.used;
const outside = (thread: string) => (sample: Heaps) => {
  const { external, malloced } = sample.isolates[thread]?.heap ?? {};
  return external === undefined || malloced === undefined ? undefined : external + malloced;
};
/**
 * The process's own memory without the heaps of its threads: native allocations, their waste,
 * stacks.
 */
const besideHeaps = ({ ownMb, isolates }: CleanSample) => {
  const heaps = Object.values(isolates).map(({ heap: { physical } }) => physical);
  return heaps.length === 0 ? undefined : ownMb - heaps.reduce((sum, each) => sum + each, 0);
};
const late = (thread: string, which: 'p99Ms' | 'maxMs') => (sample: Sample) => sample.isolates[thread]?.[which];
const firstByte = (which: 'p50' | 'p99') => (sample: Sample) =>
  sample.firstByteMs.n > 0 ? sample.firstByteMs[which] : undefined;

/**
 * Figures of the undisturbed gateway. Its memory rises and falls with garbage, so only its limit is
 * judged here. Nothing else has a reason to rise. A busy machine delays loops and presses, so their
 * limits are wide. The journal fills its disk up to its limit.
 */
export const FIGURES: readonly Figure<Sample>[] = [
  // With the radio's process it must leave some room on a Pi of 512 MB. The heap fills up before V8
  // collects: 265 MB were measured.
  { name: 'resident', unit: 'MB', of: ({ residentMb }) => residentMb, most: 288 },
  { name: 'resident, radio process', unit: 'MB', of: ({ childResidentMb }) => childResidentMb, perHour: 2, most: 192 },
  { name: 'heap, main', unit: 'MB', of: used(MAIN) },
  { name: 'heap, MQTT', unit: 'MB', of: used(MQTT) },
  { name: 'heap, journal', unit: 'MB', of: used(JOURNAL) },
  { name: 'descriptors', unit: '', of: ({ descriptors }) => descriptors, perHour: 4, most: 512 },
  {
    ...{ name: 'descriptors, radio process', unit: '', of: ({ childDescriptors }: Sample) => childDescriptors },
    ...{ perHour: 4, most: 128 },
  },
  { name: 'threads', unit: '', of: ({ threads }) => threads, perHour: 1, most: 64 },
  { name: 'disk', unit: 'MB', of: ({ diskMb }) => diskMb, most: RETAIN_MB + SEGMENTS_MB },
  { name: 'loop delay, p99', unit: 'ms', of: late(MAIN, 'p99Ms'), rise: 20 },
  { name: 'loop delay, max', unit: 'ms', of: late(MAIN, 'maxMs'), rise: 100 },
  { name: 'loop delay MQTT, p99', unit: 'ms', of: late(MQTT, 'p99Ms'), rise: 40 },
  { name: 'loop delay journal, p99', unit: 'ms', of: late(JOURNAL, 'p99Ms'), rise: 40 },
  { name: 'press to first byte, p50', unit: 'ms', of: firstByte('p50'), rise: 10 },
  { name: 'press to first byte, p99', unit: 'ms', of: firstByte('p99'), rise: 50 },
  { name: 'CPU', unit: '%', of: ({ cpuPercent }) => cpuPercent, rise: 10 },
  { name: 'alerts open', unit: '', of: ({ openAlerts }) => openAlerts },
];

/**
 * Figures without garbage. 2 MB per hour would fill a Pi of 512 MB within a week. It is also about
 * the smallest rise that an hour distinguishes from chance.
 */
export const CLEAN_FIGURES: readonly Figure<CleanSample>[] = [
  { name: 'clean: resident', unit: 'MB', of: ({ residentMb }) => residentMb, perHour: 2 },
  { name: 'clean: own beside the heaps', unit: 'MB', of: besideHeaps, perHour: 2 },
  { name: 'clean: heap, main', unit: 'MB', of: used(MAIN), perHour: 2 },
  { name: 'clean: heap, MQTT', unit: 'MB', of: used(MQTT), perHour: 1 },
  { name: 'clean: heap, journal', unit: 'MB', of: used(JOURNAL), perHour: 1 },
  { name: 'clean: buffers, main', unit: 'MB', of: outside(MAIN), perHour: 1 },
  { name: 'clean: buffers, MQTT', unit: 'MB', of: outside(MQTT), perHour: 1 },
  { name: 'clean: buffers, journal', unit: 'MB', of: outside(JOURNAL), perHour: 1 },
];
