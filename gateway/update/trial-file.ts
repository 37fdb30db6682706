import { isReleaseName, type ReleaseName } from './release-layout.ts';

/**
 * A release that was switched to and is not confirmed. The first lines are for the scripts `launch`
 * and `before-start`, which must read them without Node.
 */
export interface Trial {
  /** Differs for each trial: the starts that `before-start` counts belong to one of them. */
  readonly id: string;
  readonly from: ReleaseName;
  readonly to: ReleaseName;
  readonly details: TrialDetails;
}

interface TrialDetails {
  readonly version: string;
  readonly fromVersion: string;
  /** By the wall clock, for people. */
  readonly startedAt: string;
  readonly by: string;
  readonly config: string;
  readonly data: string;
  /** Longest time for the verdict, minutes from the start of the new release. */
  readonly minutes: number;
  /** Shortest time from the first answer to the confirmation, ms. */
  readonly settleMs: number;
  /** What was well before. Absent: no gateway was running. */
  readonly census?: Census;
}

/** What was well before the update, and has to be well again. */
export interface Census {
  readonly items: readonly CensusItem[];
  /** Of the troubles that stood before: they are not the update's. */
  readonly troubles: readonly string[];
  /** Inputs that were up, and no device of which gives a sign of life by itself. */
  readonly unproven?: readonly string[];
  /** Absent: the site has none that the gateway can press, or it failed before. */
  readonly canary?: {
    /** That its last press came through on; none: that is not known. */
    readonly paths: readonly string[];
    readonly withinMs: number;
  };
}

export interface CensusItem {
  readonly what: 'device' | 'input' | 'path';
  readonly id: string;
  /** The time within which it has to be well again, ms. */
  readonly withinMs: number;
  /** Of a device. */
  readonly input?: string;
}

const HEAD = 'callpoint-trial 1';

export function trialText({ id, from, to, details }: Trial): string {
  return `${HEAD}\nid=${id}\nfrom=${from}\nto=${to}\ndetails=${JSON.stringify(details)}\n`;
}

/** @returns undefined if it is none: the scripts then see none either */
export function readTrial(text: string): Trial | undefined {
  const [head, ...lines] = text.split('\n');
  const [id = '', from, to, details = ''] = ['id', 'from', 'to', 'details'].map((name, at) => {
    const line = lines[at] ?? '';
    return line.startsWith(`${name}=`) ? line.slice(name.length + 1) : '';
  });
  if (head !== HEAD || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (!isReleaseName(from) || !isReleaseName(to) || from === to) return undefined;
  try {
    // Root's own file, written and synced as a whole: its form is taken as written.
    return { id, from, to, details: JSON.parse(details) as TrialDetails };
  } catch {
    return undefined;
  }
}
