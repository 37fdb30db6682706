import type { FarEnd } from '../site/far-end.ts';
import type { Screen, Shown } from '../site/screen.ts';
import type { SimEvent } from './output.ts';

/** Returns one line about an event at a far end. */
export function describeShown(shown: Shown): string {
  if (shown.type === 'remark') return shown.text;
  const { text, to, terms, repeats } = shown.displayed;
  const what = [to === undefined ? '' : `to ${to}`, terms ?? '', text].filter((part) => part !== '').join('  ');
  return shown.type === 'displayed' ? `DISPLAYED  ${what}` : `repeat ${repeats}   ${what}`;
}

/**
 * The same for a program. The times are monotonic (CLOCK_MONOTONIC), the same in every process of
 * this machine.
 */
export function shownEvent(paths: readonly string[], shown: Shown): SimEvent {
  if (shown.type === 'remark') return { event: 'remark', paths, text: shown.text };
  const { text, id, to, terms, firstMs, shownMs, repeats } = shown.displayed;
  const report = { text, id, to, terms, repeats, first_byte_monotonic_ms: firstMs, displayed_monotonic_ms: shownMs };
  return { event: shown.type, paths, ...report };
}

/**
 * Tells of each event at the far ends, with its paths. Paths that end at one screen share an event.
 */
export function onShown(ends: readonly FarEnd[], tell: (paths: readonly string[], shown: Shown) => void): void {
  const screens = new Map<Screen, string[]>();
  for (const { screen, path } of ends) screens.set(screen, [...(screens.get(screen) ?? []), path]);
  for (const [screen, paths] of screens) screen.on((shown) => tell(paths, shown));
}
