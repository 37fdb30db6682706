import type { Command } from 'commander';
import { program } from '../cli/program.ts';
import { commandPages } from './command-pages.ts';
import { htmlManual } from './html.ts';
import type { Page } from './page.ts';
import { type Edition, roffPage } from './roff.ts';
import { siteYamlPage } from './site-yaml-page.ts';

/**
 * Every page of the manual, from the programs themselves.
 *
 * @param beside other programs that are installed with the gateway, a page each
 */
export function manualPages(beside: readonly Command[]): readonly Page[] {
  return [
    ...commandPages({ root: program(), onePage: false }),
    siteYamlPage(),
    ...beside.flatMap((root) => commandPages({ root, onePage: true })),
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
