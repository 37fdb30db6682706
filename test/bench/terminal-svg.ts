const FONT_PX = 14;
/** Width of a character of monospaced fonts, as a share of the font size. */
const ADVANCE = 0.602;
const LINE_PX = 20;
const MARGIN_PX = 16;
const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Draws a terminal in which `command` was typed and printed `lines`. The picture has no scripts and
 * loads no fonts.
 */
export function terminalSvg(command: string, lines: readonly string[]): string {
  const rows = [`$ ${command}`, ...lines];
  const columns = Math.max(...rows.map((row) => row.length));
  const width = Math.ceil(columns * FONT_PX * ADVANCE) + 2 * MARGIN_PX;
  const height = rows.length * LINE_PX + 2 * MARGIN_PX;
  const texts = rows.flatMap((row, index) => {
    if (row.trim() === '') return [];
    const indent = row.length - row.trimStart().length;
    const x = MARGIN_PX + indent * FONT_PX * ADVANCE;
    const y = MARGIN_PX + (index + 0.75) * LINE_PX;
    const look = index === 0 ? ' class="typed"' : '';
    const length = (row.trim().length * FONT_PX * ADVANCE).toFixed(1);
    return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length}"${look}>${marked(row.trim())}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve">`,
    `<title>${escaped(`What ${command} prints`)}</title>`,
    '<style>',
    `text { font: ${FONT_PX}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee4; white-space: pre }`,
    '.typed { fill: #ffffff; font-weight: bold }',
    '.good { fill: #6fdd8b; font-weight: bold }',
    '</style>',
    `<rect width="${width}" height="${height}" rx="8" fill="#15191e"/>`,
    ...texts,
    '</svg>',
    '',
  ].join('\n');
}

function marked(text: string): string {
  return escaped(text).replace(/\b(ACKNOWLEDGED|green)\b/, '<tspan class="good">$1</tspan>');
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => ESCAPED[character] ?? '');
}
