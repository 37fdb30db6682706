import type { FarEnd } from '../site/far-end.ts';
import type { Screen, Shown } from '../site/screen.ts';

/** One line for what happened at a far end. */
function describeShown(shown: Shown): string {
  if (shown.type === 'remark') return shown.text;
  const { text, to, terms, repeats } = shown.displayed;
  const what = [to === undefined ? '' : `to ${to}`, terms ?? '', text].filter((part) => part !== '').join('  ');
  return shown.type === 'displayed' ? `DISPLAYED  ${what}` : `repeat ${repeats}   ${what}`;
}

/**
 * Tells a line for all that happens at far ends, with the path in front; paths that end at one
 * screen stand together.
 */
export function tellShown(ends: readonly FarEnd[], tell: (paths: string, line: string) => void): void {
  const screens = new Map<Screen, string[]>();
  for (const { screen, path } of ends) screens.set(screen, [...(screens.get(screen) ?? []), path]);
  for (const [screen, paths] of screens) screen.on((shown) => tell(paths.join(', '), describeShown(shown)));
}
