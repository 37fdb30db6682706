import type { AlertKind } from '../core/site.ts';

/**
 * Kinds of alert every site has without writing them. Codes: SIA DC-03 and Contact ID (DC-05), reference sections 1.3 and 1.4.
 * Fire is 110, not 115 (pull station): a panic button is not a listed fire alarm box and must not claim to be one.
 */
export const BUILT_IN_KINDS: readonly AlertKind[] = [
  { id: 'intruder', name: 'Intruder', sia: 'PA', siaRestore: 'PR', contactId: '120', silent: false },
  { id: 'hold-up', name: 'Hold-up', sia: 'HA', siaRestore: 'HR', contactId: '122', silent: true },
  { id: 'medical', name: 'Medical', sia: 'MA', siaRestore: 'MR', contactId: '100', silent: false },
  { id: 'fire', name: 'Fire', sia: 'FA', siaRestore: 'FR', contactId: '110', silent: false },
  { id: 'assistance', name: 'Assistance', sia: 'QA', siaRestore: 'QR', contactId: '101', silent: false },
];

/** What a site may write for a kind; a built-in kind keeps what is not written. */
export interface WrittenKind {
  readonly name?: string | undefined;
  readonly sia?: string | undefined;
  readonly restore?: string | undefined;
  readonly contactId?: string | undefined;
  readonly silent?: boolean | undefined;
}

/** The site's kinds: the built-in ones, changed and added to. New ones must be complete (`checks.ts` sees to it). */
export function mergeKinds(written: Readonly<Record<string, WrittenKind>>): ReadonlyMap<string, AlertKind> {
  const kinds = new Map(BUILT_IN_KINDS.map((kind) => [kind.id, kind]));
  for (const [id, own] of Object.entries(written)) {
    const base = kinds.get(id);
    const sia = own.sia ?? base?.sia ?? 'PA';
    kinds.set(id, {
      id,
      name: own.name ?? base?.name ?? id,
      sia,
      siaRestore: own.restore ?? (own.sia === undefined ? base?.siaRestore : undefined) ?? restoreOf(sia),
      contactId: own.contactId ?? base?.contactId ?? '120',
      silent: own.silent ?? base?.silent ?? false,
    });
  }
  return kinds;
}

/** DC-03 pairs alarm and restore by the second letter: PA and PR, HA and HR. */
function restoreOf(sia: string): string {
  return `${sia[0] ?? 'P'}R`;
}
