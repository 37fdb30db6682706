/** What the person at the panel looks at. */
export interface PanelUi {
  readonly focus: SectionName;
  /** Of all devices, in their order. */
  readonly selected: number;
  /** First row shown of the sections that are only scrolled. */
  readonly scroll: Readonly<Record<'wires' | 'ends', number>>;
  readonly overlay?: Overlay;
}

export const SECTION_NAMES = ['devices', 'wires', 'ends'] as const;
export type SectionName = (typeof SECTION_NAMES)[number];

/** A list in front of everything, of which one is chosen; or lines to read. */
export interface Overlay {
  readonly title: string;
  readonly items: readonly Choice[];
  /** What was typed: only items with this are shown. Absent: nothing is chosen. */
  readonly typed?: string;
  readonly selected: number;
}

interface Choice {
  readonly name: string;
  readonly about: string;
}

export const START_UI: PanelUi = { focus: 'devices', selected: 0, scroll: { wires: 0, ends: 0 } };

/** The items that what was typed leaves. Those whose names begin with it are the first. */
export function shownItems({ items, typed = '' }: Overlay): readonly Choice[] {
  const wanted = typed.toLowerCase();
  const rank = ({ name }: Choice) =>
    name.toLowerCase() === wanted ? 0 : name.toLowerCase().startsWith(wanted) ? 1 : 2;
  return items
    .filter(({ name, about }) => `${name} ${about}`.toLowerCase().includes(wanted))
    .sort((one, other) => rank(one) - rank(other));
}

/** The first row of a window of `height` rows in which row `at` is seen. */
export function windowStart(at: number, height: number, count: number): number {
  const middle = at - Math.floor(height / 2);
  return Math.max(0, Math.min(middle, count - height));
}
