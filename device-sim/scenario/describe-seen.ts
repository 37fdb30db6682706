import type { Seen, SeenDocument } from './history.ts';

/** What happened, one line each, for a person: what was seen when. */
export function describeTimeline(seen: readonly Seen[]): string[] {
  const known = new Map<string, string>();
  return seen.flatMap((each) => {
    const text = describeSeen(each);
    if (text === undefined) return [];
    // The same state comes again with each document of its thing.
    const key = each.type === 'mqtt' ? each.topic : '';
    if (key !== '' && known.get(key) === text) return [];
    known.set(key, text);
    return each.atMs < 0 ? [] : [`${(each.atMs / 1000).toFixed(3).padStart(9)} s  ${text}`];
  });
}

/** One line; `undefined` for what a person would not look at. */
export function describeSeen(seen: Seen): string | undefined {
  switch (seen.type) {
    case 'step':
      return `step ${seen.line}: ${seen.written}`;
    case 'pressed':
      return `${seen.device} is pressed${seen.alert === undefined ? '' : `: alert ${seen.alert}`}`;
    case 'led':
      return `${seen.device} LED ${seen.led}`;
    case 'shown':
      return `${seen.path} displays: ${seen.displayed.text}`;
    case 'journal':
      return seen.verifies ? 'the journal verifies' : `the journal does not verify: ${seen.detail}`;
    case 'note':
      return seen.text;
    case 'mqtt':
      return describeDocument(seen);
  }
}

function describeDocument({ topic, document }: Extract<Seen, { type: 'mqtt' }>): string | undefined {
  const { id, kind, state, text } = document;
  if (topic.startsWith('alert/')) return `alert ${id}: ${kind}, ${state}${pathsOf(document)}`;
  if (topic.startsWith('trouble/')) return `trouble ${state}: ${text}`;
  if (topic.startsWith('link/') || topic.startsWith('input/') || topic.startsWith('door/')) return `${topic}: ${state}`;
  if (topic.startsWith('dev/') && topic.endsWith('/state')) return `${topic}: ${document.supervised}`;
  if (topic === 'status' || topic.startsWith('drill/')) return `${topic}: ${state}`;
  return undefined;
}

function pathsOf(document: SeenDocument): string {
  const paths = Object.entries(document.paths ?? {}) as [string, { readonly state?: string }][];
  return paths.map(([path, { state }]) => `, ${path} ${state}`).join('');
}
