import { textCharactersMax } from '../../paths/page-text.ts';
import { someOf, text, whole } from '../fields/fields.ts';
import type { View } from '../read/view.ts';
import type { PathTraits } from './path-config.ts';

/** Shorter messages would have no room for a place. */
const CHARACTERS_MIN = 40;

/** Fields of all paths to pagers. */
export const pagerFields = {
  pagers: someOf(
    text(/^[A-Za-z0-9._-]{1,32}$/, 'the id of a pager, such as 5551212', 'Id of a pager, as its terminal knows it.'),
    'a list of at least one pager id: [5551212]',
    'Pagers that get every report of this path.',
  ),
  characters: whole(CHARACTERS_MIN, 500, 80, 'Longest message the pagers show, often 80 to 240.').default(80),
};

/** A call takes seconds, and ending one early costs more than waiting for it. */
export function pagerTraits(characters: number): PathTraits {
  return {
    formats: 1,
    parallel: 1,
    attemptTimeoutMsMax: 300_000,
    retryMs: 2_000,
    retryMsMax: 60_000,
    takesUpdates: false,
    yields: false,
    digest: { characters: textCharactersMax(characters) },
  };
}

/** Finds pagers named twice, and supervision that would page people. */
export function checkPagers(path: View): void {
  const pagers = path.items('pagers');
  const seen = new Set<string>();
  for (const place of pagers.keys()) {
    const pager = pagers.text(place);
    if (pager === undefined) continue;
    if (seen.has(pager)) pagers.wrong(place, `pager ${pager} stands here twice`, 'remove one of them');
    seen.add(pager);
  }
  const supervision = path.child('supervision');
  if (supervision.text('mode') === 'test') {
    supervision.warn(
      'mode',
      'each test event pages everybody named here',
      'write mode: null, which only proves that the far end answers',
    );
  }
}
