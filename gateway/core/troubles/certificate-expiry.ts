import { after } from '../../../protocol/clocks.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import type { CertificateReading } from '../certificate.ts';
import type { Context } from '../context.ts';
import type { Troubles, TroubleText } from './troubles.ts';

const DAY_MS = 86_400_000;
/** Days before the end at which a person is told, the last first. 0: it is over. */
const STEPS = [0, 1, 7, 30] as const;
type Step = (typeof STEPS)[number];
/** The wall clock may be set meanwhile: it is looked at again this often. */
const LOOK_MS = 3_600_000;

const WHOSE = {
  own: 'Our certificate for',
  authority: 'The authority’s certificate for',
  farEnd: 'The certificate of the far end of',
} as const;

/**
 * Tells in time that a certificate ends: one that we present, trust or meet. It is a trouble from
 * 30 days before the end until another certificate takes its place, and is told again at 7 days, at
 * 1 day and at the end, each once.
 */
export class CertificateExpiry {
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #readings = new Map<string, CertificateReading>();

  constructor(context: Context, troubles: Troubles) {
    this.#context = context;
    this.#troubles = troubles;
  }

  /** A certificate was read from its file, or shown by a far end. */
  read(reading: CertificateReading): void {
    this.#readings.set(subjectOf(reading), reading);
    this.#assess(reading, reading.role !== 'farEnd');
    this.#lookLater();
  }

  /** A reload leaves only these subjects. */
  retain(subjects: readonly string[]): void {
    for (const subject of this.#readings.keys()) if (!subjects.includes(subject)) this.#readings.delete(subject);
  }

  due(): void {
    for (const reading of this.#readings.values()) this.#assess(reading, true);
    this.#lookLater();
  }

  /** Ends what stands from an earlier run, read late, and is known to be over. */
  restoreTroubles(): void {
    for (const reading of this.#readings.values()) this.#assess(reading, true);
  }

  #lookLater(): void {
    const { timers, now } = this.#context;
    if (!timers.has({ type: 'certificates' })) timers.set({ type: 'certificates' }, after(now.monoMs, LOOK_MS));
  }

  /**
   * @param reword what stands may get another date although that is no sooner. A far end that shows
   * another certificate on each connection must not fill the journal with it.
   */
  #assess(reading: CertificateReading, reword: boolean): void {
    const { wallMs } = this.#context.now;
    // Before it began: a clock that was never set (1970) tells nothing about the end.
    if (wallMs < reading.notBeforeMs) return;
    const subject = subjectOf(reading);
    const leftMs = reading.notAfterMs - wallMs;
    const step = STEPS.find((days) => leftMs <= days * DAY_MS);
    if (step === undefined) {
      this.#troubles.restore('certificateExpires', subject);
      return;
    }
    const said = textOf(reading, step);
    const standing = this.#troubles.textOf('certificateExpires', subject);
    if (standing === undefined) this.#troubles.raise('certificateExpires', subject, said);
    else {
      const isSooner = step < (stepIn(standing) ?? step);
      if (isSooner || reword) this.#troubles.reword('certificateExpires', subject, said);
      if (isSooner) this.#troubles.notice('certificateExpires', subject, said);
    }
  }
}

function subjectOf({ of, role }: CertificateReading): string {
  return `${of}.${role}`;
}

/** What was reported before a restart stands in the journal: the step is read from its text. */
function stepIn(standing: string): Step | undefined {
  return STEPS.find((days) => standing.includes(stepText(days)));
}

function stepText(step: Step): string {
  if (step === 0) return ' has expired';
  return ` expires in less than ${step} day${step === 1 ? '' : 's'}`;
}

function renewal(role: CertificateReading['role'], file: string | undefined): string {
  if (role === 'farEnd') return 'ask its operator to renew it';
  if (role === 'own') return `renew ${file ?? 'it'}`;
  return `ask the far end for the new one${file === undefined ? '' : `, and put it into ${file}`}`;
}

function textOf({ name, role, notAfterMs, file, refusedRenewal }: CertificateReading, step: Step): TroubleText {
  const when = isoTime(notAfterMs).replace(/:\d\d(?:\.\d+)?Z$/, 'Z');
  const renew = renewal(role, file);
  const refused = refusedRenewal === undefined ? '' : `; what is on disk now is not used: ${refusedRenewal}`;
  return { text: `${WHOSE[role]} ${name}${stepText(step)} (${when})`, detail: `${renew}${refused}` };
}
