import { expect } from 'vitest';
import { edited, KEYS, mistakesOf, placeOf, SITE } from './site-fixture.ts';

type Edit = readonly [old: string, next: string];

/** One edit of the valid site, and the expected message about it. */
export interface Case {
  readonly promise: string;
  readonly edits: readonly Edit[];
  /** Where the mistake is shown: the text that begins there. */
  readonly at: string;
  readonly says: string;
  readonly hint: string;
  readonly severity?: 'warning';
}

/** Expects the mistake among those found, at its place. */
export function checkCase({ edits, at, says, hint, severity }: Case, base = { site: SITE, keys: KEYS }): void {
  const site = edited(base.site, ...edits);
  const wanted = `site.yaml:${placeOf(site, at)}`;
  const found = mistakesOf({ site, keys: base.keys });
  const shown = found.map((mistake) => ({ ...mistake, place: `${mistake.file}:${mistake.line}:${mistake.column}` }));
  expect(shown).toContainEqual(
    expect.objectContaining({
      place: wanted,
      severity: severity ?? 'error',
      message: expect.stringContaining(says),
      hint: expect.stringContaining(hint),
    }),
  );
}
