import { HTML_STYLE } from './html-style.ts';
import { printable } from './printable.ts';
import { type Block, type Cell, cellText, cellTone, isGroup, type Printout, type Row, type Table } from './printout.ts';

/** No script, no picture and nothing from another place: only the style in the page itself. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * Writes a printout as one HTML file, piece by piece. Every text is escaped: names and reasons are
 * written by people, and some by whoever reaches a button's wire.
 */
export function* htmlPrintout(printout: Printout): Generator<string> {
  const { title, subtitle, language, footer, blocks } = printout;
  yield `<!doctype html>
<html lang="${escaped(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}: ${escaped(subtitle)}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<main>
<header><h1>${escaped(title)}</h1><p>${escaped(subtitle)}</p></header>
`;
  for (const block of blocks) yield* blockHtml(block);
  yield `</main>
<footer>${escaped(footer)}</footer>
</body>
</html>
`;
}

function* blockHtml(block: Block): Generator<string> {
  switch (block.kind) {
    case 'heading':
      yield `<h2>${escaped(block.text)}</h2>\n`;
      break;
    case 'paragraph':
      yield `<p${toneOf(block.tone)}>${lines(block.text)}</p>\n`;
      break;
    case 'facts':
      yield '<table class="facts"><tbody>\n';
      for (const { label, value } of block.rows) {
        yield `<tr><th scope="row">${lines(label)}</th>${cellHtml(value, 'td')}</tr>\n`;
      }
      yield '</tbody></table>\n';
      break;
    case 'table':
      yield* tableHtml(block);
      break;
    case 'blanks':
      yield '<div class="blanks">\n';
      for (const { label, lines: count = 1 } of block.fields) {
        yield `<p style="--lines:${count}"><span>${escaped(label)}</span><span class="line"></span></p>\n`;
      }
      yield '</div>\n';
      break;
    case 'labels':
      yield '<div class="labels">\n';
      for (const { title, name, lines: more } of block.labels) {
        const said = more.map((line) => `<span>${escaped(line)}</span>`).join('');
        yield `<div class="label"><b>${escaped(title)}</b><strong>${escaped(name)}</strong>${said}</div>\n`;
      }
      yield '</div>\n';
      break;
    case 'choices': {
      const options = block.options.map((option) => `<li>☐ ${escaped(option)}</li>`).join('');
      yield `<div class="choices"><p>${escaped(block.label)}</p><ul>${options}</ul></div>\n`;
      break;
    }
    case 'signatures':
      for (const person of block.people) yield signatureHtml(person);
      break;
  }
}

function signatureHtml(person: string): string {
  const fields = [`${person}: name`, 'Signature', 'Date'].map((field) => `<span>${escaped(field)}</span>`).join('');
  return `<div class="signature">${fields}</div>\n`;
}

function* tableHtml({ caption, columns, rows }: Table): Generator<string> {
  const total = columns.reduce((sum, { weight }) => sum + weight, 0);
  const widths = columns.map(({ weight }) => `<col style="width:${((weight / total) * 100).toFixed(2)}%">`).join('');
  const head = columns.map(({ title, isNumber }) => `<th scope="col"${numeric(isNumber)}>${escaped(title)}</th>`);
  yield `<div class="wide"><table>
<caption>${escaped(caption)}</caption>
<colgroup>${widths}</colgroup>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
`;
  for (const row of rows) yield rowHtml(row, columns);
  yield '</tbody></table></div>\n';
}

function rowHtml(row: Row, columns: Table['columns']): string {
  if (isGroup(row))
    return `<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${lines(row.group)}</th></tr>\n`;
  const cells = columns.map(({ isNumber }, at) => cellHtml(row[at] ?? '', at === 0 ? 'th' : 'td', isNumber));
  return `<tr>${cells.join('')}</tr>\n`;
}

/** The first cell of a row names the row. */
function cellHtml(cell: Cell, tag: 'th' | 'td', isNumber?: boolean): string {
  const scope = tag === 'th' ? ' scope="row"' : '';
  return `<${tag}${scope}${toneOf(cellTone(cell))}${numeric(isNumber)}>${lines(cellText(cell))}</${tag}>`;
}

function toneOf(tone: string | undefined): string {
  return tone === undefined ? '' : ` data-tone="${tone}"`;
}

function numeric(isNumber: boolean | undefined): string {
  return isNumber === true ? ' class="number"' : '';
}

function lines(text: string): string {
  return text.split('\n').map(escaped).join('<br>');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe as text and in a quoted attribute. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
