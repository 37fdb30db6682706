import { messageOf } from '../../../protocol/errors.ts';

/** `unknown`: it could not be found out, which does not mean that all is well. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'unknown';

/** One thing that was looked at. */
export interface Finding {
  readonly verdict: Verdict;
  /** What was seen, for a person. */
  readonly text: string;
  /** What to do; absent if it is well. */
  readonly remedy?: string;
}

/** One look at the machine, the files or the network. It changes nothing. */
export interface Probe {
  /** What is looked at, such as `disk` or `path central`. */
  readonly subject: string;
  look(): Promise<readonly Finding[]> | readonly Finding[];
}

/** What a probe found. */
export interface Examined {
  readonly subject: string;
  readonly findings: readonly Finding[];
  /** True if it did not answer in time: something may hang for ever. */
  readonly isLate: boolean;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const warning = (text: string, remedy: string): Finding => ({ verdict: 'warning', text, remedy });
export const problem = (text: string, remedy: string): Finding => ({ verdict: 'problem', text, remedy });
export const unknown = (text: string, remedy: string): Finding => ({ verdict: 'unknown', text, remedy });

/** Runs one probe. Never rejects, and never takes longer than `patienceMs`. */
export async function examine({ subject, look }: Probe, patienceMs: number): Promise<Examined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  try {
    const findings = await Promise.race([(async () => look())(), late]);
    if (findings !== undefined) return { subject, findings, isLate: false };
    const text = `no answer within ${patienceMs / 1000} s`;
    return { subject, findings: [unknown(text, 'Look at it by hand: what it asks hangs.')], isLate: true };
  } catch (error) {
    const findings = [unknown(`could not be looked at: ${messageOf(error)}`, 'Look at it by hand.')];
    return { subject, findings, isLate: false };
  } finally {
    clearTimeout(timer);
  }
}
