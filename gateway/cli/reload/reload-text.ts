import type { ReloadChange, ReloadDocument } from '../../../protocol/reload-document.ts';
import { coloured, wrapped } from '../terminal-text.ts';

const HEADS: Readonly<Record<ReloadDocument['state'], readonly [colour: 'green' | 'yellow' | 'red', text: string]>> = {
  done: ['green', 'The configuration was taken up.'],
  unchanged: ['green', 'Nothing has changed: the gateway runs on this configuration.'],
  possible: ['green', 'The configuration can be taken up now. Nothing was changed yet: callpoint reload'],
  inTheWay: ['yellow', 'Not now, and nothing was changed:'],
  refused: ['red', 'The configuration was refused, and nothing was changed:'],
};

const WAIT = 'callpoint reload --wait takes it up as soon as that is over.';
/** Ids of one kind in one line; the rest is counted. */
const NAMED_MAX = 12;

/** What a reload found and did, the most important first. */
export function reloadText(document: ReloadDocument, width: number): string[] {
  const { state, changes, mistakes, reasons } = document;
  const [colour, head] = HEADS[state];
  return [
    ...wrapped(coloured(colour, head), width, 2),
    ...reasons.flatMap((reason) => wrapped(`  ${reason}`, width, 4)),
    ...mistakes.flatMap((mistake) => wrapped(`  ${mistake}`, width, 4)),
    ...changeLines(changes, width),
    ...openedLines(document, width),
    ...(state === 'inTheWay' ? wrapped(WAIT, width, 2) : []),
  ];
}

/** "  device added: wb-107, wb-108" */
function changeLines(changes: readonly ReloadChange[], width: number): string[] {
  const groups = new Map<string, string[]>();
  for (const { of, id, change } of changes) {
    const title = `${of} ${change}`;
    groups.set(title, [...(groups.get(title) ?? []), ...(id === undefined ? [] : [id])]);
  }
  return [...groups].flatMap(([title, ids]) => {
    const more = ids.length > NAMED_MAX ? ` and ${ids.length - NAMED_MAX} more` : '';
    const named = ids.length === 0 ? '' : `: ${ids.slice(0, NAMED_MAX).join(', ')}${more}`;
    return wrapped(`  ${title}${named}`, width, 4);
  });
}

function openedLines({ reopened = {} }: ReloadDocument, width: number): string[] {
  return Object.entries(reopened).flatMap(([input, ms]) => {
    const text =
      ms === null
        ? coloured('red', `  input ${input} was closed and is not open again yet: callpoint status says why`)
        : `  input ${input} was closed for ${ms} ms`;
    return wrapped(text, width, 4);
  });
}
