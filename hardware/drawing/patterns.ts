import { parse } from 'yaml';
import * as z from 'zod';
import { table } from './markdown-table.ts';

const spans = z.array(z.tuple([z.number(), z.number()]));
const light = z.union([z.literal('steady'), spans]).optional();
const pattern = z.strictObject({
  id: z.string(),
  title: z.string(),
  means: z.string(),
  next: z.string().optional(),
  period: z.number().optional(),
  red: light,
  green: light,
  amber: light,
  buzzer: spans.default([]),
  buzzerPeriod: z.number().optional(),
});
const file = z.strictObject({ patterns: z.array(pattern) });

/** What a wall node shows and sounds in one state. */
type Pattern = z.output<typeof pattern>;

type Light = 'dark' | 'red' | 'green' | 'amber';

export function readPatterns(text: string): readonly Pattern[] {
  return file.parse(parse(text)).patterns;
}

/** What the LED shows so long after the beginning of a state. */
export function lightAt(pattern: Pattern, ms: number): Light {
  const at = ms % (pattern.period ?? Number.POSITIVE_INFINITY);
  for (const colour of ['red', 'green', 'amber'] as const) {
    const lit = pattern[colour];
    if (lit === 'steady' || lit?.some(([from, to]) => at >= from && at < to)) return colour;
  }
  return 'dark';
}

export function sounds({ buzzer, buzzerPeriod }: Pattern, ms: number): boolean {
  const at = ms % (buzzerPeriod ?? Number.POSITIVE_INFINITY);
  return buzzer.some(([from, to]) => at >= from && at < to);
}

const FILLS = { dark: '#3a3a3a', red: '#d62222', green: '#1f9a3c', amber: '#f2a900' } as const;
const [MARGIN, LINE, ROW] = [20, 18, 74];
const [BAR_X, BAR_WIDTH, SHOWN_MS, STEP_MS] = [20, 640, 4_000, 25];
const WIDTH = BAR_X + BAR_WIDTH + MARGIN;

/** Timing bars of 4 s: the LED above, the buzzer below. The same data gives the same bytes. */
export function drawPatterns(patterns: readonly Pattern[]): string {
  const top = MARGIN + 2 * LINE + 12;
  const height = top + patterns.length * ROW + MARGIN;
  const body = patterns.flatMap((each, row) => drawPattern(each, top + row * ROW));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="DejaVu Sans, Verdana, sans-serif" fill="#111">`,
    '<title>What the light and the buzzer of a wall node mean</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(MARGIN, MARGIN + 14, 16, 'What the light and the buzzer of a wall node mean', ' font-weight="bold"'),
    text(
      MARGIN,
      MARGIN + 14 + LINE,
      12,
      'Each bar is 4 seconds, a mark every second. Below it: the buzzer, if it has one.',
    ),
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function drawPattern(pattern: Pattern, y: number): string[] {
  const bar = y + 22;
  const marks = Array.from({ length: SHOWN_MS / 1_000 + 1 }, (_, second) => {
    const x = BAR_X + (second * 1_000 * BAR_WIDTH) / SHOWN_MS;
    return `<path d="M${x} ${bar + 18}v4" stroke="#111"/>`;
  });
  return [
    text(BAR_X, y + 13, 13, pattern.title, ' font-weight="bold"'),
    text(BAR_X + 230, y + 13, 12, pattern.means),
    ...runs((ms) => lightAt(pattern, ms)).map(([from, to, colour]) => rect(from, to, bar, 18, FILLS[colour])),
    ...marks,
    ...runs((ms) => (sounds(pattern, ms) ? 'on' : 'off')).flatMap(([from, to, state]) =>
      state === 'on' ? [rect(from, to, bar + 24, 6, '#2468d6')] : [],
    ),
  ];
}

/** Stretches of the shown time in which a state does not change. */
function runs<T>(stateAt: (ms: number) => T): (readonly [from: number, to: number, state: T])[] {
  const found: [number, number, T][] = [];
  for (let ms = 0; ms < SHOWN_MS; ms += STEP_MS) {
    const [state, last] = [stateAt(ms), found.at(-1)];
    if (last?.[2] === state) last[1] = ms + STEP_MS;
    else found.push([ms, ms + STEP_MS, state]);
  }
  return found;
}

function rect(from: number, to: number, y: number, height: number, fill: string): string {
  const scale = BAR_WIDTH / SHOWN_MS;
  return `<rect x="${BAR_X + from * scale}" y="${y}" width="${(to - from) * scale}" height="${height}" fill="${fill}"/>`;
}

function text(x: number, y: number, size: number, content: string, more = ''): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return `<text x="${x}" y="${y}" font-size="${size}"${more}>${escaped}</text>`;
}

/** The same in words, for a page. */
export function patternTable(patterns: readonly Pattern[]): string {
  const rows = patterns.map((each) => [each.title, soundText(each), each.means, each.next ?? '']);
  return table(['light', 'buzzer', 'means', 'what to do'], rows);
}

function soundText({ buzzer, buzzerPeriod }: Pattern): string {
  const [first] = buzzer;
  if (first === undefined) return '';
  const length = first[1] - first[0] >= 1_000 ? 'long' : 'short';
  const again = buzzerPeriod === undefined ? '' : `, every ${buzzerPeriod / 1_000} s`;
  return `${buzzer.length} ${length}${again}`;
}
