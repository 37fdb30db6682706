import { program as simulator } from '../device-sim/cli/program.ts';
import { program } from '../gateway/cli/program.ts';
import { commandPages } from './command-pages.ts';
import { htmlManual } from './html.ts';
import type { Page } from './page.ts';
import { type Edition, roffPage } from './roff.ts';
import { siteYamlPage } from './site-yaml-page.ts';

/** Every page of the manual, from the programs themselves. */
export function manualPages(): readonly Page[] {
  return [
    ...commandPages({ root: program(), onePage: false }),
    siteYamlPage(),
    ...commandPages({ root: simulator(), onePage: true }),
  ];
}

/** What package.json names, so that npm installs the pages for `man`. */
export function installedPages(pages: readonly Page[]): string[] {
  return pages.map(({ name, section }) => `dist/man/${name}.${section}`).sort();
}

/** The files of the manual by name: a man page each, and all of them as one page for a browser. */
export function manualFiles(pages: readonly Page[], edition: Edition): ReadonlyMap<string, string> {
  return new Map([
    ...pages.map((page) => [`${page.name}.${page.section}`, roffPage(page, edition)] as const),
    ['manual.html', htmlManual(pages, edition)],
  ]);
}
