import type { AlertKind, CapCategory, KindAction } from '../../core/site.ts';

/**
 * The kinds of alert that every site has. Codes: SIA DC-03 (two letters) and SIA DC-05 Contact ID
 * (three digits). Fire is 110 and not 115 (pull station): a panic button is not a listed fire alarm
 * box and must not claim to be one.
 */
export const BUILT_IN_KINDS: readonly AlertKind[] = [
  builtIn('intruder', 'Intruder', ['PA', 'PR', '120'], { category: 'Security', action: 'lockdown' }),
  builtIn('hold-up', 'Hold-up', ['HA', 'HR', '122'], { category: 'Security', silent: true }),
  builtIn('medical', 'Medical', ['MA', 'MR', '100'], { category: 'Health' }),
  builtIn('fire', 'Fire', ['FA', 'FR', '110'], { category: 'Fire', action: 'evacuate' }),
  builtIn('assistance', 'Assistance', ['QA', 'QR', '101'], { category: 'Safety' }),
];

type Codes = readonly [sia: string, siaRestore: string, contactId: string];
type More = Pick<AlertKind, 'category'> & Partial<Pick<AlertKind, 'action' | 'silent'>>;

function builtIn(id: string, name: string, [sia, siaRestore, contactId]: Codes, more: More): AlertKind {
  return { id, name, sia, siaRestore, contactId, silent: false, ...more };
}

/**
 * The fields that a site may write for a kind. A built-in kind keeps the fields that are not
 * written.
 */
interface WrittenKind {
  readonly name?: string | undefined;
  readonly sia?: string | undefined;
  readonly restore?: string | undefined;
  readonly contactId?: string | undefined;
  readonly silent?: boolean | undefined;
  readonly category?: CapCategory | undefined;
  readonly action?: KindAction | 'none' | undefined;
}

/**
 * The site's kinds: the built-in ones, changed and added to. New kinds must be complete
 * (`checks.ts` checks that).
 */
export function mergeKinds(written: Readonly<Record<string, WrittenKind>>): ReadonlyMap<string, AlertKind> {
  const kinds = new Map(BUILT_IN_KINDS.map((kind) => [kind.id, kind]));
  for (const [id, own] of Object.entries(written)) {
    const base = kinds.get(id);
    const action = own.action ?? base?.action;
    const sia = own.sia ?? base?.sia ?? 'PA';
    kinds.set(id, {
      id,
      name: own.name ?? base?.name ?? id,
      sia,
      siaRestore: own.restore ?? (own.sia === undefined ? base?.siaRestore : undefined) ?? restoreOf(sia),
      contactId: own.contactId ?? base?.contactId ?? '120',
      silent: own.silent ?? base?.silent ?? false,
      category: own.category ?? base?.category ?? 'Security',
      ...(action === undefined || action === 'none' ? {} : { action }),
    });
  }
  return kinds;
}

/** DC-03 pairs alarm and restore by the second letter: PA and PR, HA and HR. */
function restoreOf(sia: string): string {
  return `${sia[0] ?? 'P'}R`;
}
