import type { FarEnd } from '../site/far-end.ts';
import type { Screen, Shown } from '../site/screen.ts';

/** Returns one line about an event at a far end. */
function describeShown(shown: Shown): string {
  if (shown.type === 'remark') return shown.text;
  const { text, to, terms, repeats } = shown.displayed;
  const what = [to === undefined ? '' : `to ${to}`, terms ?? '', text].filter((part) => part !== '').join('  ');
  return shown.type === 'displayed' ? `DISPLAYED  ${what}` : `repeat ${repeats}   ${what}`;
}

/**
 * Prints a line for each event at the far ends, prefixed with its path. Paths that end at one
 * screen share a prefix.
 */
export function tellShown(ends: readonly FarEnd[], tell: (paths: string, line: string) => void): void {
  const screens = new Map<Screen, string[]>();
  for (const { screen, path } of ends) screens.set(screen, [...(screens.get(screen) ?? []), path]);
  for (const [screen, paths] of screens) screen.on((shown) => tell(paths.join(', '), describeShown(shown)));
}
