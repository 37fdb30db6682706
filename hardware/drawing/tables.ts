import { table } from './markdown-table.ts';
import { valueTables } from './values.ts';
import { endOf, ohmsText, partOf, pinOf, resistorOf, type Wiring } from './wiring-file.ts';

/** Name of a table on a page, which is between `<!-- name -->` and `<!-- /name -->`. */
type BlockName = 'drawing' | 'pins' | 'resistors' | 'parts' | 'wires' | 'values';

function block(wiring: Wiring, name: BlockName, drawings: number): string {
  switch (name) {
    case 'drawing':
      return Array.from({ length: drawings }, (_, i) => `![Wiring, sheet ${i + 1}](${drawingName(i)})`).join('\n\n');
    case 'pins':
      return pinTable(wiring);
    case 'resistors':
      return resistorTable(wiring);
    case 'parts':
      return partList(wiring);
    case 'wires':
      return wireTable(wiring);
    case 'values':
      return valueTables(wiring);
  }
}

/** Of the sheet at `index`. */
export function drawingName(index: number): string {
  return index === 0 ? 'wiring.svg' : `wiring-${index + 1}.svg`;
}

/** Returns the page with every block replaced. */
export function fillPage(page: string, wiring: Wiring, drawings: number): string {
  return page.replace(
    /<!-- (drawing|pins|resistors|parts|wires|values) -->[\s\S]*?<!-- \/\1 -->/g,
    (_, name: BlockName) => `<!-- ${name} -->\n\n${block(wiring, name, drawings)}\n\n<!-- /${name} -->`,
  );
}

/** Returns the pins that the configuration names, and the settings of their parts. */
function pinTable(wiring: Wiring): string {
  const rows = Object.entries(wiring.parts).flatMap(([id, part]) => {
    const set = Object.entries(part.settings ?? {}).map(([key, value]) => `${key}: ${[value].flat().join(', ')}`);
    const own = part.is === undefined ? [] : [[`**${id}** ${part.name}`, '', `\`${part.is}\``, set.join('; ')]];
    const pins = Object.keys(part.pins).flatMap((pin) => {
      const { name, for: use } = pinOf(part, pin);
      return use === undefined ? [] : [[id, pin, `\`${use}\``, name]];
    });
    return [...own, ...pins];
  });
  return table(['part', 'pin', 'in site.yaml', 'name, setting'], rows);
}

function resistorTable(wiring: Wiring): string {
  const rows = Object.entries(wiring.parts)
    .filter(([, part]) => part.ohms !== undefined)
    .map(([id, part]) => {
      const { ohms, tolerance, watts } = resistorOf(wiring, id);
      return [id, ohmsText(ohms), `±${tolerance} %`, `${watts} W`, part.name];
    });
  return table(['', 'value', 'tolerance', 'power', 'what for'], rows);
}

/** Returns the parts to buy, grouped by type. */
function partList(wiring: Wiring): string {
  const byType = new Map<string, string[]>();
  for (const [id, { type, ohms, tolerance, watts }] of Object.entries(wiring.parts)) {
    const bought = ohms === undefined ? type : `resistor ${ohmsText(ohms)} ±${tolerance} % ${watts} W, ${type}`;
    byType.set(bought, [...(byType.get(bought) ?? []), id]);
  }
  return table(
    ['pieces', 'what', 'in the drawing'],
    [...byType].map(([type, ids]) => [String(ids.length), type, ids.join(', ')]),
  );
}

function wireTable(wiring: Wiring): string {
  const name = (end: string) => {
    const { part, pin } = endOf(end);
    return `${part}.${pin} ${pinOf(partOf(wiring, part), pin).name}`;
  };
  const rows = wiring.sheets
    .flatMap(({ wires }) => wires)
    .map(([from, to, colour, kind], i) => [String(i + 1), name(from), name(to), colour, kind]);
  return table(['wire', 'from', 'to', 'colour', 'kind'], rows);
}
