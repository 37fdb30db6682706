import type { Sample } from './samples.ts';
import { RETAIN_MB } from './site.ts';

/** One line of the table: what is followed, and what counts as flat. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: Sample) => number | undefined;
  /** It may rise so much an hour; absent: only its bound is judged. */
  readonly perHour?: number;
  /** It may never be above this; absent: only its rise is judged. */
  readonly most?: number;
}

const MAIN = 'main';
const MQTT = 'mqtt-thread';
const JOURNAL = 'journal-thread';
/** A segment is being written, and one may be closed but not yet deleted. */
const SEGMENTS_MB = 2 * 8 + 1;

const heap = (thread: string) => (sample: Sample) => sample.isolates[thread]?.heap.used;
const outside = (thread: string) => (sample: Sample) => {
  const { external, malloced } = sample.isolates[thread]?.heap ?? {};
  return external === undefined || malloced === undefined ? undefined : external + malloced;
};
const late = (thread: string, which: 'p99Ms' | 'maxMs') => (sample: Sample) => sample.isolates[thread]?.[which];
const firstByte = (which: 'p50' | 'p99' | 'max') => (sample: Sample) =>
  sample.firstByteMs.n > 0 ? sample.firstByteMs[which] : undefined;

/**
 * A gateway that runs for a year without a restart may lose 2 MB an hour for a day, and no more: on a Pi of 512 MB that is noticed and
 * never harmful within a month of nights. Descriptors, threads and delays have no reason to rise at all; what they may is noise.
 */
export const FIGURES: readonly Figure[] = [
  { name: 'resident', unit: 'MB', of: ({ residentMb }) => residentMb, perHour: 2, most: 256 },
  { name: 'resident, radio process', unit: 'MB', of: ({ childResidentMb }) => childResidentMb, perHour: 2, most: 192 },
  { name: 'heap used, main', unit: 'MB', of: heap(MAIN) },
  { name: 'heap used, MQTT', unit: 'MB', of: heap(MQTT) },
  { name: 'heap used, journal', unit: 'MB', of: heap(JOURNAL) },
  { name: 'outside the heap, main', unit: 'MB', of: outside(MAIN), perHour: 1 },
  { name: 'outside the heap, MQTT', unit: 'MB', of: outside(MQTT), perHour: 1 },
  { name: 'outside the heap, journal', unit: 'MB', of: outside(JOURNAL), perHour: 1 },
  { name: 'descriptors', unit: '', of: ({ descriptors }) => descriptors, perHour: 4, most: 512 },
  {
    name: 'descriptors, radio process',
    unit: '',
    of: ({ childDescriptors }) => childDescriptors,
    perHour: 4,
    most: 128,
  },
  { name: 'threads', unit: '', of: ({ threads }) => threads, perHour: 1, most: 64 },
  { name: 'disk', unit: 'MB', of: ({ diskMb }) => diskMb, most: RETAIN_MB + SEGMENTS_MB },
  { name: 'loop delay, p99', unit: 'ms', of: late(MAIN, 'p99Ms'), perHour: 5 },
  { name: 'loop delay, max', unit: 'ms', of: late(MAIN, 'maxMs'), perHour: 25 },
  { name: 'loop delay MQTT, p99', unit: 'ms', of: late(MQTT, 'p99Ms'), perHour: 10 },
  { name: 'loop delay journal, p99', unit: 'ms', of: late(JOURNAL, 'p99Ms'), perHour: 10 },
  { name: 'press to first byte, p50', unit: 'ms', of: firstByte('p50'), perHour: 5 },
  { name: 'press to first byte, p99', unit: 'ms', of: firstByte('p99'), perHour: 25 },
  { name: 'CPU', unit: '%', of: ({ cpuPercent }) => cpuPercent, perHour: 5 },
  { name: 'alerts open', unit: '', of: ({ openAlerts }) => openAlerts },
];
