/** Columns of a terminal that nobody has made wider. */
const LINE_COLUMNS = 80;
/** More names than this hide what was said before them. */
const NAMES_MAX = 120;
/** No name is longer, and the time of a comparison grows with the square of the length. */
const NAME_LENGTH_MAX = 64;

/**
 * A name that matches nothing: says which one was probably meant, and which names there are.
 *
 * @param problem `no device "wb-9" in this site`
 * @param none said in place of the names if there are none: `it has no devices`
 */
export function unknownName(problem: string, name: string, known: readonly string[], none: string): RangeError {
  if (known.length === 0) return new RangeError(`${problem}: ${none}`);
  const near = nearestName(name, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  const line = `${problem}.${hint} There are: ${known.join(', ')}`;
  if (line.length <= LINE_COLUMNS) return new RangeError(line);
  return new RangeError(`${problem}.${hint} There are:\n${nameLines(known).join('\n')}`);
}

/** Names side by side, in indented lines that a terminal does not break. */
function nameLines(names: readonly string[]): string[] {
  const lines: string[] = [];
  const shown = names.slice(0, NAMES_MAX);
  for (const [at, name] of shown.entries()) {
    const word = at === shown.length - 1 && shown.length === names.length ? name : `${name},`;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > LINE_COLUMNS) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return shown.length === names.length ? lines : [...lines, `  and ${names.length - shown.length} more`];
}

/** `2 devices: wb-101, wb-102`; many are in lines of their own. */
export function countedDevices(devices: readonly string[]): string {
  if (devices.length === 0) return 'no devices yet';
  const count = `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  const line = `${count}: ${devices.join(', ')}`;
  return line.length <= LINE_COLUMNS ? line : `${count}:\n${nameLines(devices).join('\n')}`;
}

/** The name that a mistyped one most likely means. More than a third of the letters is another. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const each of known) {
    if (Math.abs(each.length - name.length) >= least) continue;
    const distance = editDistance(name.toLowerCase(), each.toLowerCase());
    if (distance >= least) continue;
    best = each;
    least = distance;
  }
  return best;
}

/** Letters to insert, delete or replace (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...a].entries()) {
    const next = [at + 1];
    for (let to = 1; to <= b.length; to++) {
      const replaced = (row[to - 1] ?? 0) + (letter === b[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
