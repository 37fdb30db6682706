import type { LiveHeap } from './live-heaps.ts';
import type { Sample } from './samples.ts';
import { RETAIN_MB } from './site.ts';

/** One line of the table: what is followed, and what counts as flat. */
export interface Figure<S> {
  readonly name: string;
  readonly unit: string;
  readonly of: (sample: S) => number | undefined;
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

const live = (thread: string) => (heap: LiveHeap) => heap.mb[thread];
const heap = (thread: string) => (sample: Sample) => sample.isolates[thread]?.heap.used;
const outside = (thread: string) => (sample: Sample) => {
  const { external, malloced } = sample.isolates[thread]?.heap ?? {};
  return external === undefined || malloced === undefined ? undefined : external + malloced;
};
/** The process's own memory beside the heaps of its threads: that does not rise and fall with garbage. */
const besideHeaps = ({ ownMb, isolates }: Sample) => {
  const heaps = Object.values(isolates).map(({ heap: { physical } }) => physical);
  return heaps.length === 0 ? undefined : ownMb - heaps.reduce((sum, each) => sum + each, 0);
};
const late = (thread: string, which: 'p99Ms' | 'maxMs') => (sample: Sample) => sample.isolates[thread]?.[which];
const firstByte = (which: 'p50' | 'p99' | 'max') => (sample: Sample) =>
  sample.firstByteMs.n > 0 ? sample.firstByteMs[which] : undefined;

/**
 * Nothing of this has a reason to rise. The limits are what an hour can tell from noise: 2 MB an hour is the least leak that shows in
 * what the kernel counts, and would fill a Pi of 512 MB within a week; what a heap holds without garbage shows less than that. A busy machine
 * delays loops and presses, so theirs are wide. The journal fills its disk up to the bound it is given; how long that takes is not judged.
 */
export const FIGURES: readonly Figure<Sample>[] = [
  { name: 'resident', unit: 'MB', of: ({ residentMb }) => residentMb, perHour: 2, most: 256 },
  { name: 'resident, radio process', unit: 'MB', of: ({ childResidentMb }) => childResidentMb, perHour: 2, most: 192 },
  { name: 'own beside the heaps', unit: 'MB', of: besideHeaps, perHour: 2 },
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

/** Code that is still being compiled for what happens seldom is part of what a heap holds. */
export const LIVE_FIGURES: readonly Figure<LiveHeap>[] = [
  { name: 'heap, no garbage, main', unit: 'MB', of: live(MAIN), perHour: 2 },
  { name: 'heap, no garbage, MQTT', unit: 'MB', of: live(MQTT), perHour: 1 },
  { name: 'heap, no garbage, journal', unit: 'MB', of: live(JOURNAL), perHour: 1 },
];
