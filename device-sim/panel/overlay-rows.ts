import { type Row, row } from '../terminal/rows.ts';
import type { ScreenSize } from '../terminal/terminal-screen.ts';
import { filled, wrapped } from '../terminal/text.ts';
import { type Overlay, shownItems, windowStart } from './panel-ui.ts';

const NAME_COLUMNS_MAX = 24;

/** A list to choose from, or lines to read, over the whole body. */
export function overlayRows(overlay: Overlay, { width, height }: ScreenSize): Row[] {
  const { title, typed, selected } = overlay;
  const items = shownItems(overlay);
  const isChosen = typed !== undefined;
  const hint = isChosen ? 'type to search, Enter chooses, Esc leaves' : 'Esc leaves';
  const head: Row[] = [
    [
      { text: ` ${title}${isChosen ? `: ${typed}_` : ''}  `, style: 'bold' },
      { text: hint, style: 'dim' },
    ],
    row(''),
  ];
  const columns = Math.min(NAME_COLUMNS_MAX, Math.max(4, ...items.map(({ name }) => name.length)));
  const blocks = items.map(({ name, about }, at) => {
    const isSelected = isChosen && at === selected;
    const lines = wrapped(about, Math.max(10, width - columns - 4)).map((line) => line.trimStart());
    return lines.map((line, of) => {
      const text = `${isSelected && of === 0 ? '▸' : ' '} ${filled(of === 0 ? name : '', columns)}  ${line}`;
      return isSelected ? row(filled(text, width), 'inverse') : row(text);
    });
  });
  if (blocks.length === 0) return [...head, row(`  nothing has "${typed}" in it`, 'dim')];
  const rows = blocks.flat();
  const before = blocks.slice(0, selected).flat().length;
  const inside = Math.max(1, height - head.length);
  const from = windowStart(before, inside, rows.length);
  return [...head, ...rows.slice(from, from + inside)];
}
