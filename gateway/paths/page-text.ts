import { MARK_CHARACTERS, pageMark, pagerText, shortened } from '../../protocol/paging/pager-text.ts';
import type { Report } from '../core/report.ts';
import { reportText } from '../core/report-text.ts';

/** Room for the report's text. The page's number follows it. */
export function textCharactersMax(characters: number): number {
  return characters - MARK_CHARACTERS;
}

/**
 * What a pager shows of a report, at most `characters`: its text, and the number that all pages of
 * this report have.
 */
export function pageText(report: Report, sequence: number, characters: number): string {
  const most = textCharactersMax(characters);
  return `${shortened(pagerText(reportText(report, most)), most)}${pageMark(sequence)}`;
}
